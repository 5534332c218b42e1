"""Tasks: what they ask, against plain loops and published recursions."""

import numpy as np
import pytest
import sklearn.datasets

import lssm
from lssm import tasks


@pytest.mark.parametrize("distribution", ["gaussian", "uniform", "binary"])
def test_recall_is_the_input_moved(distribution):
    task = tasks.delayed_recall(4000, 7, sequences=3, distribution=distribution, rng=1)
    assert np.array_equal(task.z[:, 7:], task.u[:, :-7]) and not task.z[:, :7].any()
    n = task.u.size
    assert abs(task.u.mean()) < 4 / np.sqrt(n)
    kurtosis = {"gaussian": 3.0, "uniform": 1.8, "binary": 1.0}[distribution]
    assert abs(np.mean(task.u**2) - 1) < 4 * np.sqrt(max(kurtosis - 1, 1e-30) / n) + 1e-12
    assert abs(np.mean(task.u[:, 1:] * task.u[:, :-1])) < 4 / np.sqrt(n)  # white


def test_several_delays_are_that_many_recalls():
    many = tasks.several_delays(50, [0, 3, 20], rng=2)
    for k, lag in enumerate([0, 3, 20]):
        assert np.array_equal(many.z[..., k], tasks.delayed_recall(50, lag, rng=2).z)


def test_the_teacher_of_an_arma_task_is_its_impulse_response():
    task = tasks.arma(200, [1.0, 0.5], [1.0, -1.2, 0.5], rng=0)
    z = np.zeros(200)
    for t in range(200):
        z[t] = task.u[0, t] + 0.5 * task.u[0, t - 1] * (t > 0) + 1.2 * z[t - 1] * (t > 0) - 0.5 * z[t - 2] * (t > 1)
    assert np.abs(z - task.z[0]).max() < 1e-12
    with pytest.raises(lssm.UnstableError, match="ar"):
        tasks.arma(10, [1.0], [1.0, -1.0])


def test_narma10_is_its_recursion_and_stays_bounded():
    task = tasks.narma10(300, sequences=5, rng=3)
    for u, z in zip(task.u, task.z, strict=True):
        for t in range(20, 300):
            total = sum(z[t - i] for i in range(1, 11))
            assert z[t] == pytest.approx(0.3 * z[t - 1] + 0.05 * z[t - 1] * total + 1.5 * u[t - 10] * u[t - 1] + 0.1, rel=1e-12)
    assert (0 <= task.u).all() and (task.u <= 0.5).all()
    many = tasks.narma10(1000, sequences=300, rng=0)  # some of so many draws run away and are drawn again
    assert np.abs(many.z).max() < 2.0


def test_copy_repeats_and_adding_adds():
    task = tasks.copy(4, 6, symbols=3, sequences=20, rng=0)
    shown = task.u.argmax(-1)
    assert np.array_equal(shown[:, :4], task.z[:, -4:]) and (task.z[:, :-4] == 3).all()
    assert (shown[:, 9] == 4).all() and ((shown == 4).sum(1) == 1).all() and (task.u.sum(-1) == 1).all()
    task = tasks.adding(30, sequences=2000, rng=0)
    marks = task.u[..., 1]
    assert (marks[:, :15].sum(1) == 1).all() and (marks[:, 15:].sum(1) == 1).all()
    assert abs(task.z.var() - 1 / 6) < 4 * (1 / 6) * np.sqrt(2 / 2000)


def test_digits_are_scikit_learns():
    images, labels = sklearn.datasets.load_digits(return_X_y=True)
    task = tasks.digits()
    assert np.array_equal(task.u * 16, images) and np.array_equal(task.z, labels)
    mixed = tasks.digits("permuted", rng=5)
    assert np.array_equal(np.sort(mixed.u, 1), np.sort(task.u, 1)) and not np.array_equal(mixed.u, task.u)
    longer = task.padded(1024)
    assert longer.u.shape == (1797, 1024) and not longer.u[:, 64:].any() and np.array_equal(longer.u[:, :64], task.u)


def test_what_a_linear_model_sees_of_a_sum_of_marked_numbers():
    for T in (2, 4, 10):
        task = tasks.adding(T, sequences=40_000, rng=1)
        rows = np.hstack([task.u.reshape(len(task.u), -1), np.ones((len(task.u), 1))])
        rest = task.z - rows @ np.linalg.lstsq(rows, task.z)[0]
        assert abs(np.mean(rest**2) - (1 / 6 - 1 / (3 * T))) < 4 * (1 / 6) * np.sqrt(2 / 40_000) + 1e-12


def test_one_index_keeps_the_axis():
    assert tasks.digits().taken(3).u.shape == (1, 64)


def test_splits_share_nothing():
    task = tasks.digits()
    train, test = task.split(0.25, rng=0)
    assert len(train.u) == 1348 and len(test.u) == 449
    rows = np.concatenate([train.u, test.u])
    assert np.array_equal(np.sort(rows.sum(1)), np.sort(task.u.sum(1)))
    early, late = tasks.delayed_recall(100, 3, rng=0).split(0.2)
    assert early.u.shape == (1, 80) and late.u.shape == (1, 20)
    assert "recall of lag 3" in repr(early)


def test_appliances():
    pytest.importorskip("aeon")
    train, test = tasks.acsf1()
    assert train.u.shape == test.u.shape == (100, 1460) and np.unique(train.z).size == 10


WRONG = {
    "lag": lambda: tasks.delayed_recall(10, 10),
    "lags": lambda: tasks.several_delays(10, []),
    "T": lambda: tasks.narma10(0),
    "distribution": lambda: tasks.delayed_recall(10, 1, distribution="cauchy"),
    "rng": lambda: tasks.delayed_recall(10, 1, rng="x"),
    "ar": lambda: tasks.arma(10, [1.0], [0.0, 1.0]),
    "symbols": lambda: tasks.copy(2, 2, symbols=1),
    "order": lambda: tasks.digits("diagonal"),
    "test": lambda: tasks.digits().split(0.0),
    "pooling": lambda: tasks.digits().between(0, 3),
    "T: 10": lambda: tasks.digits().padded(10),
    "lags: must": lambda: tasks.several_delays(5, [[1], [2, 3]]),
    "ar: ar": lambda: tasks.arma(5, [1.0], [1e-320, 1.0]),
    "start": lambda: tasks.delayed_recall(10, 1).between(5, 3),
    "stop": lambda: tasks.delayed_recall(10, 1).between(0, 40),
    "index: selects nothing": lambda: tasks.digits().taken([]),
    "index: index 9999": lambda: tasks.digits().taken([9999]),
    "pooling: one target a step": lambda: tasks.delayed_recall(10, 1).padded(20),
}


@pytest.mark.parametrize("name", WRONG)
def test_bad_input_is_named(name):
    with pytest.raises(lssm.InvalidInputError, match=name):
        WRONG[name]()


def test_missing_packages_are_named(monkeypatch):
    import sys

    for module, load in (("sklearn.datasets", tasks.digits), ("aeon.datasets", tasks.acsf1)):
        monkeypatch.setitem(sys.modules, module, None)
        with pytest.raises(lssm.UnsupportedError, match="pip install"):
            load()
