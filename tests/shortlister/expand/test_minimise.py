import numpy as np
import pytest

from components.shortlister.expand.minimise import minimise

RNG = np.random.default_rng(3)
ROOT = RNG.normal(size=(5, 5))
CURVATURE = ROOT @ ROOT.T + 0.1 * np.eye(5)
LOWEST = RNG.normal(size=5)


def bowl(x):
    ahead = x - LOWEST
    return 0.5 * ahead @ CURVATURE @ ahead, CURVATURE @ ahead


def test_one_step_with_the_true_curvature_and_few_without_it():
    inverse = np.linalg.inv(CURVATURE)
    np.testing.assert_allclose(minimise(bowl, np.zeros(5), lambda g: inverse @ g, steps=1), LOWEST, atol=1e-9)
    np.testing.assert_allclose(minimise(bowl, np.zeros(5), lambda g: g, steps=60), LOWEST, atol=1e-5)


def test_finds_the_bottom_of_a_bent_valley():
    def valley(x):  # Rosenbrock's
        a, b = x
        slope = np.array([-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)])
        return 100 * (b - a * a) ** 2 + (1 - a) ** 2, slope

    found = minimise(valley, np.array([-1.2, 1.0]), lambda g: g / 200, steps=200)
    np.testing.assert_allclose(found, [1.0, 1.0], atol=1e-4)


def test_the_shape_of_x_is_kept_and_a_step_never_goes_up():
    seen = []

    def quartic(x):
        return float(np.sum(x**4)), 4 * x**3

    start = np.full((2, 3), 2.0)
    for steps in range(5):
        found = minimise(quartic, start, lambda g: g, steps=steps)
        assert found.shape == (2, 3)
        seen.append(quartic(found)[0])
    assert seen == sorted(seen, reverse=True)
    assert seen[-1] < seen[0]


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_where_nothing_is_lower_the_start_is_answered(value):
    start = np.ones(3)
    found = minimise(lambda x: (0.0 if x is start else value, np.ones(3)), start, lambda g: g, steps=5)
    np.testing.assert_array_equal(found, start)
