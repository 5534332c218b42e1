"""Against packages that do part of the same: slycot (SLICOT) and pyMOR, on real systems; needs the extra `peers`."""

import numpy as np
import pytest

import lssm

slycot = pytest.importorskip("slycot", reason="extra `peers` not installed")


def drawn(seed):
    rng = np.random.default_rng(seed)
    N, (m, p) = int(rng.integers(2, 15)), rng.integers(1, 4, 2)
    A = rng.normal(size=(N, N))
    A *= rng.choice([0.5, 0.9, 0.99]) / np.abs(np.linalg.eigvals(A)).max()
    return A, rng.normal(size=(N, m)), rng.normal(size=(p, N)), rng.normal(size=(p, m))


def systems(seed):
    """The same numbers in both kinds of time, with SLICOT's letter for it."""
    A, B, C, D = drawn(seed)
    yield "D", lssm.DiscreteSSM(A, B, C, D), (A, B, C)
    yield "C", lssm.ContinuousSSM(A - 1.05 * np.eye(len(A)), B, C, D), (A - 1.05 * np.eye(len(A)), B, C)


@pytest.mark.parametrize("seed", range(25))
def test_hankel_singular_values_and_balanced_truncation_of_slicot(seed):
    for time, system, (A, B, C) in systems(seed):
        N, m, p = len(A), B.shape[1], len(C)
        order = min(3, N - 1)
        found = slycot.ab09ad(time, "B", "N", N, m, p, A.copy(), B.copy(), C.copy(), nr=order)
        sigma = lssm.hankel_singular_values(system)
        assert np.abs(sigma - found[4]).max() <= 1e-11 * sigma[0]
        small = lssm.balanced_truncation(type(system)(system.A, system.B, system.C), order).system
        theirs = type(system)(*found[1:4])
        assert lssm.h2_distance(small, theirs) <= 1e-9 * lssm.h2_norm(small)


@pytest.mark.parametrize("seed", range(25))
def test_norms_of_slicot(seed):
    for time, system, (A, B, C) in systems(seed):
        N, m, p, D = len(A), B.shape[1], len(C), system.D.real
        if time == "D":
            C, D = C @ A, C @ B + D  # their clock
        peak, _ = slycot.ab13dd(time, "I", "N", "D", N, m, p, A.copy(), np.eye(N), B.copy(), C.copy(), D.copy(), 1e-11)
        assert lssm.hinf_norm(system).value == pytest.approx(peak, rel=1e-9)
        if time == "C":
            system, D = type(system)(system.A, system.B, system.C), 0 * D
        h2 = slycot.ab13bd(time, "H", N, m, p, A.copy(), B.copy(), C.copy(), D.copy())
        assert lssm.h2_norm(system) == pytest.approx(h2[0] if isinstance(h2, tuple) else h2, rel=1e-10)


@pytest.mark.parametrize("seed", range(10))
def test_balanced_truncation_of_pymor(seed):
    iosys = pytest.importorskip("pymor.models.iosys", reason="extra `peers` not installed")
    from pymor.reductors.bt import BTReductor

    for time, system, (A, B, C) in systems(seed):
        if time == "D":  # pyMOR takes the matrices on its own clock; Hankel singular values depend on the matrices alone
            model = iosys.LTIModel.from_matrices(A, B, C, sampling_time=1)
        else:
            model = iosys.LTIModel.from_matrices(A, B, C)
        sigma = lssm.hankel_singular_values(system)
        assert np.abs(sigma[: len(model.hsv())] - model.hsv()).max() <= 1e-7 * sigma[0]  # half of its digits: by the Gramians
        order = min(3, len(A) - 1)
        A, B, C, _, E = BTReductor(model).reduce(order).to_matrices()
        theirs = (A, B, C) if E is None else (np.linalg.solve(E, A), np.linalg.solve(E, B), C)
        small = lssm.balanced_truncation(type(system)(system.A, system.B, system.C), order).system
        assert lssm.h2_distance(small, type(system)(*theirs)) <= 1e-5 * lssm.h2_norm(small)


def test_python_control_in_and_out():
    control = pytest.importorskip("control", reason="extra `peers` not installed")
    for _, system, _ in systems(3):
        foreign = lssm.to_control(system, step=0.5)
        assert foreign.dt == (0.5 if isinstance(system, lssm.DiscreteSSM) else 0)
        back = lssm.as_system(foreign)
        omega = np.linspace(0.1, 3, 7)
        assert np.allclose(lssm.frequency_response(back, omega), lssm.frequency_response(system, omega), rtol=1e-10)
        theirs = foreign(np.exp(1j * omega) if isinstance(system, lssm.DiscreteSSM) else 1j * omega)
        assert np.allclose(np.moveaxis(theirs, -1, 0), lssm.frequency_response(system, omega), rtol=1e-10)
    assert isinstance(lssm.to_control(([[0.5]], [1.0], [1.0])), control.StateSpace)
