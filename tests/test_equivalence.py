"""Transforms, what they cost and when they are refused; certificates, and the bound behind them."""

from pathlib import Path

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

import lssm
from lssm.equivalence import certify, match_poles, minimal, to_dense, to_diagonal, to_dplr

DATA = Path(__file__).parent / "data"
TIMES = np.linspace(0, 5, 21)


def legs(N):
    system = lssm.spectra.hippo(order=N)
    return lssm.ContinuousSSM(system.A, system.B, np.ones(N))


def response(system, times=TIMES):
    return np.array([(system.C @ scipy.linalg.expm(t * system.A.to_dense()) @ system.B).item() for t in times])


@pytest.mark.parametrize(("N", "tolerance"), [(8, 1e-11), (12, 1e-8)])
def test_legs_round_trip_in_double(N, tolerance):
    system = legs(N)
    diagonal, report = to_diagonal(system)
    back = to_dense(diagonal)
    for found in (diagonal, back):
        assert np.abs(response(found) - response(system)).max() <= tolerance * np.abs(response(system)).max()
    assert report.residual <= 1e-14 and 2 ** (2 * N) < report.condition < 2 ** (2.4 * N)


@pytest.mark.parametrize("N", [16, 24, 64])
def test_legs_beyond_double_precision_is_refused(N):
    with pytest.raises(lssm.UnsupportedError, match="condition") as caught:
        to_diagonal(legs(N))
    assert "extended" in str(caught.value)


def test_legs_of_order_64_in_ball_arithmetic():
    system = legs(64)
    rounded, extended = to_diagonal(system, precision="extended")
    exact = response(system)
    assert np.abs(extended.impulse_response(TIMES)[:, 0, 0] - exact).max() <= 1e-12 * np.abs(exact).max()
    assert extended.radius < 1e-30 and extended.cancellation > 1e40
    assert np.abs(np.sort(rounded.A.values.real) + np.arange(64, 0, -1)).max() <= 1e-13
    useless = (rounded.C @ (np.exp(rounded.A.values * 0.5)[:, None] * rounded.B)).item()
    assert abs(useless / exact[2]) > 1e6 or abs(useless - exact[2]) > 1  # doubles of it are marked as roundings for a reason
    assert "bits" in str(extended) and len(extended.to_dict()["poles"]) == 64


def test_extended_discrete_systems():
    A, B, C = [[0.5, 1.0], [0.0, 0.25]], [1.0, 1.0], [1.0, 2.0]
    _, extended = to_diagonal((A, B, C), precision="extended")
    assert np.allclose(extended.impulse_response([0, 1, 5])[:, 0, 0], lssm.impulse_response((A, B, C), [0, 1, 5]), rtol=1e-15)


def test_defective_matrices_are_named():
    for system in (lssm.spectra.hippo(order=8, measure="lagt"), ([[0.5, 1.0], [0.0, 0.5]], [1.0, 1.0])):
        with pytest.raises(lssm.UnsupportedError, match="defective") as caught:
            to_diagonal(system)
        assert "memory_function" in str(caught.value) and "input_normal" in str(caught.value)
    with pytest.raises(lssm.UnsupportedError, match="defective"):
        to_diagonal(([[0.5, 1.0], [0.0, 0.5]], [1.0, 1.0]), precision="extended")


def test_real_form_of_conjugate_pairs():
    poles = lssm.spectra.s4d_inv(order=16, step=0.05)
    rng = np.random.default_rng(0)
    c = np.empty(16, complex)
    order = np.argsort(-poles.log.imag)
    c[order[:8]] = rng.normal(size=8) + 1j * rng.normal(size=8)
    c[order[::-1][:8]] = c[order[:8]].conj()
    diagonal = lssm.DiscreteSSM(lssm.Diagonal.from_log(poles.log), np.ones(16), c)
    real = to_dense(diagonal, real=True)
    assert not (real.A.matrix.imag.any() or real.B.imag.any() or real.C.imag.any())
    assert np.abs(lssm.impulse_response(real, 100) - lssm.impulse_response(diagonal, 100)).max() <= 1e-12
    assert np.allclose(lssm.gramian_eigenvalues(real), lssm.gramian_eigenvalues(diagonal), rtol=1e-10)  # a unitary change
    with pytest.raises(lssm.InvalidInputError, match="no conjugate"):
        to_dense(lssm.DiscreteSSM(lssm.Diagonal([0.5 + 0.1j]), [1.0]), real=True)
    with pytest.raises(lssm.InvalidInputError, match="not conjugate"):
        to_dense(lssm.DiscreteSSM(lssm.Diagonal([0.5j, -0.5j]), [1.0, 2.0]), real=True)
    with pytest.raises(lssm.InvalidInputError, match="diagonal"):
        to_dense(([[0.5]], [1.0]), real=True)


@pytest.mark.parametrize(("measure", "rank"), [("legs", 1), ("legt", 2), ("lagt", 1), ("fout", 1)])
def test_normal_plus_low_rank_is_found_in_any_orthonormal_coordinates(measure, rank):
    system = lssm.spectra.hippo(order=32, measure=measure)
    Q = np.linalg.qr(np.random.default_rng(1).normal(size=(32, 32)))[0]
    turned = lssm.ContinuousSSM(Q @ system.A.to_dense().real @ Q.T, Q @ system.B, Q.T)
    dplr, report = to_dplr(turned)
    assert dplr.A.rank == rank and report.unitary and report.residual <= 1e-13
    assert (
        np.abs(
            dplr.C @ scipy.linalg.expm(0.3 * dplr.A.to_dense()) @ dplr.B - scipy.linalg.expm(0.3 * system.A.matrix) @ system.B
        ).max()
        < 1e-10
    )


def test_matrices_without_that_structure_are_refused():
    with pytest.raises(lssm.UnsupportedError, match="not low"):
        to_dplr(lssm.ContinuousSSM(np.random.default_rng(2).normal(size=(9, 9)) - 9 * np.eye(9), np.ones(9)))
    with pytest.raises(lssm.UnsupportedError, match="discrete"):
        to_dplr(([[0.5]], [1.0]))


def test_minimal_part():
    one = lssm.reservoirs.gaussian(order=6, radius=0.7, rng=3)
    one = lssm.DiscreteSSM(one.A, one.B, np.ones(6))
    found = minimal(lssm.parallel(one, one))
    assert found.system.order == 6
    assert np.abs(lssm.impulse_response(found.system, 60) - 2 * lssm.impulse_response(one, 60)).max() <= 1e-11


def test_legs_against_its_diagonal_form_at_order_256():
    """Same memory to 1e-11 at every delay, whatever the transform would cost."""
    s4 = lssm.discretize(lssm.spectra.hippo(order=256), 1e-3)
    cert = certify(s4, lssm.spectra.legs(order=256, step=1e-3))
    assert cert.same_memory == "yes" and cert.memory_bound <= 1e-11 and cert.memory_difference <= 1e-12
    assert cert.same_map == "no" and cert.similar == "yes"  # outputs: two different coordinates of one state
    assert cert.gramian_conditions[0] < cert.gramian_conditions[1]
    Q = np.linalg.qr(np.random.default_rng(0).normal(size=(256, 256)))[0]
    turned = certify((Q @ s4.A.to_dense().real @ Q.T, Q @ s4.B.real), lssm.spectra.legs(order=256, step=1e-3))
    assert turned.memory_difference <= 1e-12 and 1e-10 < turned.memory_bound <= 1e-6  # what rounding A may do is in the bound
    assert turned.matching.memory_bound == 1.0  # single eigenvalues are off by 0.7


def test_the_bound_covers_delays_beyond_those_computed():
    """Memories of 1e9 steps: what is left at the last delay computed is in the bound."""
    cert = certify(lssm.Poles.from_log([-1e-9]), lssm.Poles.from_log([-1.5e-9]))
    assert cert.memory_difference == pytest.approx(1e-9, rel=0.1) and 2.5e-9 < cert.memory_bound < 1e-8


def test_s4_legs_and_s4d_legs_have_different_memories():
    """N = 64, zero-order hold, Δ = 1e-3: M(0) = 0.984 against 0.062."""
    s4, s4d = lssm.discretize(lssm.spectra.hippo(order=64), 1e-3), lssm.spectra.s4d_legs(order=64, step=1e-3)
    cert = certify(s4, s4d)
    assert cert.same_memory == "no" and cert.similar == "no" and cert.ranks == (64, 64)
    assert round(float(lssm.memory_function(s4, 1).values[0]), 3) == 0.984
    assert round(float(lssm.memory_function(s4d, 1).values[0]), 3) == 0.062


def test_same_map_different_state_and_same_state_different_speed():
    rng = np.random.default_rng(4)
    A, B, C = np.diag([0.9, 0.5, -0.3]), np.ones(3), rng.normal(size=3)
    V = rng.normal(size=(3, 3))
    turned = (np.linalg.solve(V, A @ V), np.linalg.solve(V, B), C @ V)
    cert = certify((A, B, C), turned)
    assert (cert.same_memory, cert.same_map, cert.similar) == ("yes", "yes", "yes")
    assert cert.response_difference <= cert.response_bound * (1 + 1e-9) + 1e-15
    assert np.linalg.cond(V) <= cert.transform_condition_bound * (1 + 1e-9)
    unused = (np.diag([0.9, 0.5, -0.3, 0.1]), np.ones(4), np.append(C, 0.0))
    cert = certify((A, B, C), unused)
    assert cert.same_map == "yes" and cert.same_memory == "no" and cert.ranks == (3, 4) and cert.matching is None
    other = certify((A, B, C), (A, B, 2 * C))
    assert (other.same_memory, other.same_map, other.similar) == ("yes", "no", "yes")


def test_the_bound_holds_for_a_hundred_thousand_random_pairs():
    """|arcsin √M - arcsin √M'| over the hyperbolic sum, at 30 delays each; the worst ratio is near one."""
    rng, worst = np.random.default_rng(5), 0.0
    for N in (1, 2, 3, 5):
        n = 25_000
        radius, angle = 1 - 10 ** rng.uniform(-4, 0, (n, N)), rng.uniform(-np.pi, np.pi, (n, N))
        first = radius * np.exp(1j * angle)
        moved = (first + (t := (10 ** rng.uniform(-6, -0.5, (n, 1))) * np.exp(1j * rng.uniform(0, 7, (n, N))))) / (
            1 + first.conj() * t
        )
        total = np.arctanh(np.abs((first - moved) / (1 - first.conj() * moved))).sum(-1)
        one, two = (lssm.memory_function(lssm.Poles.from_discrete(z), 30, workers=-1) for z in (first, moved))
        gap = np.abs(angle_of(one) - angle_of(two)).max(-1)
        assert (gap <= total * (1 + 1e-8) + 1e-14).all()
        worst = max(worst, (gap / total).max())
    assert 0.9 < worst <= 1 + 1e-8


def angle_of(memory):
    """Arcsin √M, from whichever of M and 1-M is small."""
    return np.arctan2(np.sqrt(memory.values), np.sqrt(memory.complement))


@given(st.integers(0, 10**6), st.integers(1, 7))
def test_the_matching_is_the_best_and_its_bound_holds(seed, N):
    rng = np.random.default_rng(seed)
    log = -(10 ** rng.uniform(-4, 0, N)) + 1j * rng.uniform(-3, 3, N)
    moved = log + 10 ** rng.uniform(-6, -1) * (-np.abs(rng.normal(size=N)) + 1j * rng.normal(size=N)) * -log.real
    moved = np.where(moved.real < 0, moved, log)[rng.permutation(N)]
    one, two = lssm.Poles.from_log(log), lssm.Poles.from_log(moved)
    found = match_poles(one, two)
    assert sorted(found.first) == sorted(found.second) == list(range(N))
    memories = [lssm.memory_function(p, 200) for p in (one, two)]
    assert np.abs(memories[0].values - memories[1].values).max() <= found.memory_bound + 1e-13
    back = match_poles(two, one)
    assert back.total == pytest.approx(found.total, rel=1e-12)
    assert match_poles(one, one).total == 0


def checkpoint(when, **choice):
    return lssm.checkpoints.load(DATA / f"s4d_digits_{when}.safetensors", **choice).layers["layers.0.kernel"].poles


def moved(first, second):
    """Largest change of memory over 2000 delays."""
    return np.abs(lssm.memory_function(first, 2000).values - lssm.memory_function(second, 2000).values).max()


def test_rounding_of_a_checkpoint_to_single_precision_said_in_advance():
    poles = checkpoint("init")
    for h in range(0, 32, 4):
        single = lssm.Poles.from_log(poles[h].log.astype(np.complex64))
        assert moved(poles[h], single) <= match_poles(poles[h], single).memory_bound < 2e-4


def test_training_of_a_checkpoint_goes_beyond_what_the_bound_can_say():
    """One pole a channel left the real axis: capacities differ. Merged, poles moved by 20 and more in total: the bound is 1."""
    before, after = checkpoint("init"), checkpoint("trained")
    with pytest.raises(lssm.InvalidInputError, match="64 poles against 63"):
        match_poles(before[0], after[0])
    merged = checkpoint("trained", tolerance=1e12)
    comparable = [h for h in range(32) if merged[h].order == before[h].order]
    assert len(comparable) == 5
    for h in comparable:
        matching = match_poles(before[h], merged[h])
        assert matching.total > 20 and moved(before[h], merged[h]) <= matching.memory_bound == 1.0
        way = merged[h].log[matching.second][np.argsort(matching.first)] - before[h].log
        nearby = lssm.Poles.from_log(before[h].log + 1e-5 * way)
        assert moved(before[h], nearby) <= match_poles(before[h], nearby).memory_bound < 0.2


def verdicts(first, second, **choice):
    cert = certify(first, second, **choice)
    return cert.same_memory, cert.same_map, cert.similar


def test_a_system_is_itself_whatever_its_conditioning():
    slow = ([[0.0196654410325914, -3.281319303723822], [0.3048143360051667, -0.0098327205162957]], [-0.2, 0.1], [-1.2, 0.8])
    merged = lssm.DiscreteSSM(lssm.Diagonal([0.5, 0.5]), [1, 1], [1, 1])
    for system in (slow, merged, ([[0.9, 0.1], [0.0, 0.9]], [1.0, 1.0], [1.0, 0.0])):
        assert verdicts(system, system) == verdicts(system, system, tolerance=1e-16) == ("yes", "yes", "yes")


def test_no_false_no_for_exact_changes_of_coordinates():
    """Scaling by powers of two is exact; rounding of the comparison must not count as a difference."""
    rng = np.random.default_rng(6)
    for seed in range(20):
        A = rng.normal(size=(3, 3))
        A *= 0.9 / np.abs(np.linalg.eigvals(A)).max()
        B, C, T = rng.normal(size=3), rng.normal(size=3), 2.0 ** np.array([-6, 6, 6])
        found = verdicts((A, B, C), (T[:, None] * A / T, T * B, C / T))
        assert "no" not in found, (seed, found)
    k = 2.0**57  # a coupling of 1e-17: whether it counts is a decision, and so nothing is certified
    found = certify(([[0.5, 0.1], [0, 0.9]], [1.0, 1 / k], [1.0, 0.0]), ([[0.5, 0.1 / k], [0, 0.9]], [1.0, 1.0], [1.0, 0.0]))
    assert found.same_memory == "undecided" and found.same_map == "yes" and found.similar != "no" and max(found.couplings) > 0


def test_no_false_yes():
    almost = certify(([[0.5, 0.1], [0, 0.9]], [1.0, 1e-17], [1.0, 0.0]), ([[0.5]], [1.0], [1.0]))
    assert almost.same_memory == "undecided" and almost.memory_bound == 1.0  # the true difference is 0.117
    jordan = np.diag([0.5] * 3) + np.diag([1.0, 1.0], 1)
    corner = jordan.copy()
    corner[2, 0] = 1e-17  # moves the poles by 2e-6
    assert verdicts((corner, [0, 0, 1.0], [1.0, 0, 0]), (jordan, [0, 0, 1.0], [1.0, 0, 0]))[2] == "undecided"
    different = verdicts(lssm.Poles.from_discrete([0.5j]), lssm.Poles.from_discrete([-0.5j]))
    assert different[0] == "yes" and different[2] == "no"  # rotated poles remember the same


def test_real_forms_judge_each_matrix_by_its_own_size():
    with pytest.raises(lssm.InvalidInputError, match="real"):
        to_dense(lssm.DiscreteSSM(lssm.Diagonal([0.5]), [1j], [1e13]), real=True)
    crossed = lssm.DiscreteSSM(
        lssm.Diagonal([0.5 + 0.1j, 0.5 - 0.1j, 0.5 + 0.1j, 0.5 - 0.1j]), [1 + 1j, 2 - 3j, 2 + 3j, 1 - 1j], [1, 1, 1, 1]
    )
    real = to_dense(crossed, real=True)
    assert np.abs(lssm.impulse_response(real, 5) - lssm.impulse_response(crossed, 5)).max() <= 1e-14


def test_certificates_are_saved(tmp_path):
    cert = certify(([[0.5]], [1.0], [1.0]), ([[0.25]], [1.0], [1.0]))
    cert.save(tmp_path / "certificate.json")
    assert "same memory: no" in str(cert) and len(str(cert).splitlines()) == 1


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda s: certify(s, lssm.ContinuousSSM([[-1.0]], [1.0])), "second"),
        (lambda s: certify("x", s), "first"),
        (lambda s: certify(s, s, tolerance=0), "tolerance"),
        (lambda s: certify(s, s, delays=1), "delays"),
        (lambda s: certify(s, ([[1.5]], [1.0], [1.0])), "second"),
        (lambda s: certify(s, ([[0.5]], [[1.0, 1.0]])), "second"),
        (lambda s: match_poles(lssm.Poles.from_discrete([0.5]), lssm.Poles.from_discrete([0.5, 0.25])), "second"),
        (lambda s: match_poles(lssm.spectra.legs(order=2, step=[0.1, 0.2]), lssm.spectra.legs(order=2, step=0.1)), "first"),
        (lambda s: match_poles(s, s), "first"),
        (lambda s: to_diagonal(s, precision="extended")[1].impulse_response([None]), "times"),
        (lambda s: to_diagonal(s, precision="quad"), "precision"),
        (lambda s: to_diagonal(s, limit=-1), "limit"),
        (lambda s: to_diagonal(lssm.DiscreteSSM(np.zeros((2, 3, 3)), np.ones((3, 1)))), "system"),
        (lambda s: minimal(([[0.5]], [1.0], [0.0])), "system"),
    ],
)
def test_errors_name_the_argument(call, named):
    with pytest.raises(lssm.InvalidInputError) as caught:
        call(([[0.5]], [1.0], [1.0]))
    assert str(caught.value).startswith(named + ":")


def test_the_bound_of_one_pair_in_numbers():
    """|λ-λ'|/|1-λλ'| of 1/2 and 3/5 is 1/7."""
    found = match_poles(lssm.Poles.from_discrete([0.5]), lssm.Poles.from_discrete([0.6]))
    assert found.distances[0] == pytest.approx(1 / 7, rel=1e-14)
    assert found.total == pytest.approx(0.5 * np.log(8 / 6), rel=1e-14)
    assert found.memory_bound == pytest.approx(np.sin(0.5 * np.log(8 / 6)), rel=1e-14)
