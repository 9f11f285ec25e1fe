"""Names of models as parts of an address."""

import re

from hypothesis import given
from hypothesis import strategies as st

from components.records.domain_signature import domain_model
from components.records.model_names import address_of, dns_label

LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


@given(st.text(min_size=1, max_size=80).filter(lambda text: text.isprintable()))
def test_any_domain_has_a_host(domain):
    assert LABEL.fullmatch(dns_label(domain_model(domain)))


@given(st.lists(st.text("aA-_ !", min_size=1, max_size=5), min_size=2, max_size=30, unique=True))
def test_no_two_domains_share_a_host(domains):
    labels = {dns_label(domain_model(domain)) for domain in domains}
    assert len(labels) == len(domains)


def test_one_server_for_all_or_one_for_each():
    assert address_of("localhost:8500", "hyprank") == "localhost:8500"
    assert address_of("{model}:8500", "domain-_21_") == "domain-_21_:8500"
    assert LABEL.fullmatch(address_of("{host}", "domain-_21_"))
