import numpy as np
import pytest
from sklearn.linear_model import Ridge

from components.shortlister.expand.least_squares import fit_map

RNG = np.random.default_rng(3)
X, Y = RNG.normal(size=(37, 5)), RNG.normal(size=(37, 3))


@pytest.mark.parametrize("centred", [False, True])
def test_is_the_ridge_solution_of_scikit_learn(centred):
    x = X - X.mean(axis=0) if centred else X
    peer = Ridge(alpha=1e-3 * np.trace(x.T @ x) / 5, fit_intercept=centred).fit(X, Y)
    probe = RNG.normal(size=(7, 5))
    found = fit_map(X, Y, ridge=1e-3, centred=centred)(probe)
    np.testing.assert_allclose(found, peer.predict(probe), rtol=1e-8, atol=1e-10)


def test_finds_the_map_that_made_the_data():
    true = RNG.normal(size=(5, 3))
    np.testing.assert_allclose(fit_map(X, X @ true, ridge=1e-9).weights, true, atol=1e-6)


def test_without_rows_or_without_information_it_answers_the_mean_or_zero():
    assert not fit_map(X[:0], Y[:0]).weights.any()
    assert not fit_map(np.zeros((4, 5)), Y[:4])(X).any()
    np.testing.assert_allclose(fit_map(np.ones((4, 5)), Y[:4], centred=True)(X[:2]), [Y[:4].mean(axis=0)] * 2)


def test_refuses_what_is_no_problem():
    with pytest.raises(ValueError, match=r"`ridge` must be positive\. Received: ridge=0"):
        fit_map(X, Y, ridge=0)
    with pytest.raises(ValueError, match=r"as many rows\. Received: 37 and 36"):
        fit_map(X, Y[1:])
