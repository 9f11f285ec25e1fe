"""A small world with two domains: hotels that call the city by different names, and music without slots."""

from pathlib import Path

import numpy as np

from components.records.catalogue import Catalogue
from components.records.examples import encode, labelled_values
from components.records.label import Label, LabelledRequest
from components.records.request import Request, Slot
from components.records.skill import Intent, Skill
from components.records.tfrecord import write_records

SKILLS = (
    Skill(
        skill_id="hotel_1",
        domain="Travel & Co",
        intents=(Intent(name="Find", slots=("city",)), Intent(name="Book", slots=("city", "guests"))),
    ),
    Skill(skill_id="hotel_2", domain="Travel & Co", intents=(Intent(name="Find", slots=("location",)),)),
    Skill(skill_id="radio", domain="Music"),
)
CATALOGUE = Catalogue(SKILLS)
CITIES = ("rome", "new york", "san josé", "oslo", "são paulo", "berlin", "lima", "cape town")
SONGS = ("jazz", "rock", "the news", "some blues", "a song")


def labelled(number: int, rng: np.random.Generator) -> LabelledRequest:
    kind = rng.integers(4)
    city, guests = CITIES[rng.integers(len(CITIES))], str(rng.integers(1, 9))
    place = "location" if kind == 1 else "city"
    texts = (
        f"find a hotel in {city}",
        f"find me somewhere cheap to stay, near {city} please",
        f"book a room in {city} for {guests} people",
        f"play {SONGS[rng.integers(len(SONGS))]}",
    )
    text = texts[kind]
    found = [] if kind == 3 else [(place, city)]
    if kind == 2:
        found.append(("guests", guests))
    slots = []
    for name, value in found:
        start = text.index(f" {value}") + 1
        slots.append(Slot(name=name, value=value, start=start, end=start + len(value)))
    skill_id = ("hotel_1", "hotel_2", "hotel_1", "radio")[kind]
    request = Request(
        request_id=f"r{number}",
        utterance=text,
        skill_id=skill_id,
        intent=("Find", "Find", "Book", None)[kind],
        slots=tuple(slots),
    )
    return LabelledRequest(
        request=request, label=Label(text=text, skill_id=skill_id, source="annotated", rule="r")
    )


def write_examples(folder: Path, *, train: int = 240, dev: int = 80) -> list[LabelledRequest]:
    """Writes the splits train and dev and gives back the dev requests."""
    rng = np.random.default_rng(5)
    made: list[LabelledRequest] = []
    for split, count in (("train", train), ("dev", dev)):
        made = [labelled(number, rng) for number in range(count)]
        write_records(
            folder / f"Split-{split}" / "data_tfrecord-00000-of-00001.gz",
            (encode(labelled_values(each)) for each in made),
        )
    return made
