"""Every family against its formula in other arithmetic or its distribution, and where paper and code differ."""

import mpmath
import numpy as np
import pytest
import scipy.linalg
import scipy.stats
from oracles import ball_memory

import lssm
from lssm import spectra

mpmath.mp.dps = 60


def assert_same_sets(found, expected, tolerance):
    """Two sets of complex numbers, matched greedily."""
    found, expected = list(found), [complex(z) for z in expected]
    assert len(found) == len(expected)
    for z in expected:
        nearest = min(found, key=lambda w: abs(w - z))
        assert abs(nearest - z) <= tolerance * max(1.0, abs(z))
        found.remove(nearest)


def with_conjugates(half):
    return [z for a in half for z in ((a,) if a.imag == 0 else (a, mpmath.conj(a)))]


def modes(frequency, order):
    return with_conjugates([mpmath.mpc(-0.5, frequency(mpmath.mpf(n))) for n in range(order // 2)])


FORMULAS = {
    "s4d_lin": lambda N: modes(lambda n: mpmath.pi * n, N),
    "s4d_inv": lambda N: modes(lambda n: N / mpmath.pi * (N / (2 * n + 1) - 1), N),
    "s4d_quad": lambda N: modes(lambda n: (2 * n + 1) ** 2 / mpmath.pi, N),
    "s4d_real": lambda N: [mpmath.mpf(-n - 1) for n in range(N)],
    "legs": lambda N: [mpmath.mpf(-n - 1) for n in range(N)],
    "lagt": lambda N: [mpmath.mpf("-0.5")] * N,
}


@pytest.mark.parametrize("name", FORMULAS)
def test_continuous_poles(name):
    poles = getattr(spectra, name)(order=16, step=1e-3)
    assert_same_sets(poles.log / 1e-3, FORMULAS[name](16), 1e-14)
    bilinear = getattr(spectra, name)(order=16, step=1e-3, method="bilinear")
    assert_same_sets(
        bilinear.values, [(1 + a * mpmath.mpf(1e-3) / 2) / (1 - a * mpmath.mpf(1e-3) / 2) for a in FORMULAS[name](16)], 1e-15
    )


def exact_hippo(measure, N):
    """A and B from the defining sums, in 40 digits."""
    r = [mpmath.sqrt(2 * n + 1) for n in range(N)]
    A, B = mpmath.zeros(N), mpmath.matrix(r)
    for n in range(N):
        for k in range(N):
            if measure == "legs":
                A[n, k] = -r[n] * r[k] if n > k else mpmath.mpf(-n - 1) * (n == k)
            elif measure == "legt":
                A[n, k] = -r[n] * r[k] * (1 if k <= n else (-1) ** (n - k))
            elif measure == "lagt":
                A[n, k] = -1 if n > k else mpmath.mpf("-0.5") * (n == k)
            elif measure == "lmu":
                A[n, k] = (2 * n + 1) * (-1 if n < k else (-1) ** (n - k + 1))
    if measure == "lagt":
        B = mpmath.matrix([1] * N)
    if measure == "lmu":
        B = mpmath.matrix([(2 * n + 1) * (-1) ** n for n in range(N)])
    return A, B


@pytest.mark.parametrize("measure", ["legs", "legt", "lagt", "lmu"])
def test_hippo_matrices(measure):
    A, B = exact_hippo(measure, 9)
    system = spectra.hippo(order=9, measure=measure)
    assert np.allclose(system.A.matrix, np.array(A.tolist(), float), rtol=1e-15)
    assert np.allclose(system.B[:, 0], np.array(B.tolist(), float)[:, 0], rtol=1e-15)


@pytest.mark.parametrize("N", [4, 8, 32])
def test_normal_part_of_legs(N):
    A, _ = exact_hippo("legs", N)
    P = mpmath.matrix([mpmath.sqrt(n + mpmath.mpf("0.5")) for n in range(N)])
    eigenvalues = mpmath.eig(A + P * P.T, left=False, right=False)
    assert_same_sets(spectra.s4d_legs(order=N, step=1e-3).log / 1e-3, eigenvalues, 1e-13)


@pytest.mark.parametrize("N", [4, 8, 32])
def test_legt_poles_are_zeros_of_a_pade_denominator(N):
    """Of e^{-s}, [N-1/N]: Σ C(N,i) (2N-1-i)! s^i. At N = 32 single poles are off by 8, their memory by nothing."""
    coefficients = [mpmath.binomial(N, i) * mpmath.factorial(2 * N - 1 - i) for i in range(N, -1, -1)]
    roots = mpmath.polyroots(coefficients, maxsteps=500, extraprec=400)
    poles = spectra.legt(order=N, step=1e-2)
    exact = lssm.Poles.from_continuous([complex(z) for z in roots], 1e-2)
    assert np.abs(lssm.memory_function(poles, 400).values - lssm.memory_function(exact, 400).values).max() <= 1e-13
    if N <= 8:
        assert_same_sets(poles.log / 1e-2, roots, 1e-11)
        assert_same_sets(np.linalg.eigvals(spectra.hippo(order=N, measure="lmu").A.matrix), roots, 1e-10)


@pytest.mark.parametrize("N", [4, 16])
def test_fout_poles_solve_its_secular_equation(N):
    """1 + ½ Σ B_n [(s - S)^-1 B]_n = 0: 4/s for the constant, 8 s/(s² + (2πm)²) for each cosine."""
    for s in spectra.fout(order=N, step=1e-3).log / 1e-3:
        total = 1 + (4 / s + sum(8 * s / (s**2 + (2 * np.pi * m) ** 2) for m in range(1, N // 2))) / 2
        assert abs(total) <= 1e-11 * (1 + abs(4 / s))


def test_the_s4_repository_doubles_the_window():
    """Paper and code: legt and fout as halved matrices are the same poles at half the step."""
    for family in (spectra.legt, spectra.fout):
        paper, code = (family(order=8, step=0.02, version=v) for v in ("paper", "s4"))
        assert_same_sets(code.log, family(order=8, step=0.01).log, 1e-14)
        assert lssm.memory_function(paper, 1).values[0] > lssm.memory_function(code, 1).values[0]
    assert_same_sets(spectra.legt(order=8, step=0.02, window=2.0).log, spectra.legt(order=8, step=0.02, version="s4").log, 1e-14)
    halved = spectra.hippo(order=8, measure="legt", version="s4")
    assert np.array_equal(halved.A.matrix, spectra.hippo(order=8, measure="legt").A.matrix / 2)


def test_kernels_of_legt_have_the_window_they_claim():
    """State responses e^{tA}B vanish beyond the window as N grows; paper 1, code 2."""
    for version, window in (("paper", 1.0), ("s4", 2.0)):
        system = spectra.hippo(order=48, measure="legt", version=version)
        A, B = system.A.matrix.real, system.B[:, 0].real
        inside, outside = (np.linalg.norm(scipy.linalg.expm(t * window * A) @ B) for t in (0.5, 1.5))
        assert outside < 1e-3 * inside


def test_versions_of_s4d():
    assert spectra.s4d_inv(order=16, step=0.01, version="inv2") != spectra.s4d_inv(order=16, step=0.01)
    n = np.arange(8)
    expected = [-0.005 + sign * 0.01j * (16 / np.pi) * (16 / (k + 1) - 1) for k in n for sign in (1, -1)]
    assert_same_sets(spectra.s4d_inv(order=16, step=0.01, version="inv2").log, expected, 1e-14)
    assert [spectra.s4d_real(order=16, step=0.01, version=v).order for v in ("paper", "code")] == [16, 8]
    drawn = spectra.s4d_real(order=64, step=1.0, version="code-random", rng=0)
    assert np.array_equal(drawn.log.real, np.round(drawn.log.real)) and drawn.order < 32
    assert -drawn.log.real.min() <= 31


def test_dss_is_s4d_legs():
    """Its N/2 modes are the upper half of the skew part of LegS of size N, less one half."""
    r = np.sqrt(2 * np.arange(32) + 1)
    skew = np.tril(-np.outer(r, r), -1) / 2 - np.triu(-np.outer(r, r), 1) / 2
    upper = sorted(np.linalg.eigvals(skew).imag)[16:]
    assert_same_sets(spectra.dss(order=32, step=1.0).log, with_conjugates([mpmath.mpc(-0.5, w) for w in upper]), 1e-12)


def test_s5_blocks_and_steps():
    assert_same_sets(spectra.s5(order=32, blocks=4, step=0.01).log, spectra.s4d_legs(order=8, step=0.01).log, 1e-14)
    poles = spectra.s5(order=1024, blocks=512, rng=0)  # blocks of size 2: every |ω| the same, so that log Δ can be read off
    steps = np.sort(np.log(-2 * poles.log.real[poles.log.imag > 0]))
    uniform = scipy.stats.kstest(steps, scipy.stats.uniform(np.log(1e-3), np.log(100)).cdf)
    assert uniform.pvalue > 1e-3
    linear = scipy.stats.kstest(np.exp(steps), scipy.stats.uniform(1e-3, 0.099).cdf)
    assert linear.pvalue < 1e-10  # not uniform, whatever its docstring says


def test_lru_is_uniform_in_area_and_phase():
    poles = spectra.lru(order=4000, r_min=0.5, r_max=0.9, max_phase=1.5, rng=1)
    upper = poles.log[:2000]
    area, phase = np.exp(2 * upper.real), upper.imag
    assert scipy.stats.kstest(area, scipy.stats.uniform(0.25, 0.81 - 0.25).cdf).pvalue > 1e-3
    assert scipy.stats.kstest(phase, scipy.stats.uniform(0, 1.5).cdf).pvalue > 1e-3
    assert scipy.stats.kstest(np.sqrt(area), scipy.stats.uniform(0.5, 0.4).cdf).pvalue < 1e-3  # not uniform in radius


def test_s4d_rand():
    fixed, drawn = (spectra.s4d_rand(order=4000, step=1e-3, real_random=r, rng=2).log[:2000] / 1e-3 for r in (False, True))
    assert (np.abs(fixed.real + 0.5) < 1e-12).all()
    assert scipy.stats.kstest(np.log(fixed.imag), "norm").pvalue > 1e-3
    assert scipy.stats.kstest(-drawn.real, "uniform").pvalue > 1e-3


def test_mamba_and_mamba2():
    assert np.allclose(spectra.mamba(step=0.01).log, -0.01 * np.arange(1, 17), rtol=1e-15)
    heads = spectra.mamba2(heads=2000, step=0.01, rng=3)
    assert heads.log.shape == (2000, 1)
    assert scipy.stats.kstest(-heads.log.real[:, 0] / 0.01, scipy.stats.uniform(1, 15).cdf).pvalue > 1e-3


def test_retention():
    rotated, plain = (spectra.retnet(order=8, heads=3, rotation=r) for r in (True, False))
    gamma = [1 - 1 / mpmath.mpf(32 * 2**h) for h in range(3)]
    assert np.allclose(plain.log[:, 0].real, [float(mpmath.log(g)) for g in gamma], rtol=1e-15)
    angles = [mpmath.mpf(10000) ** (-mpmath.mpf(j) / 3) for j in range(4)]
    assert_same_sets(rotated[1].values, with_conjugates([gamma[1] * mpmath.expj(a) for a in angles]), 1e-15)


@pytest.mark.parametrize("version", ["IM", "IMEX"])
def test_linoss_is_its_two_by_two_matrix(version):
    """X = (z, y): IM (I + …)^-1 and IMEX as published, eigenvalues in 40 digits."""
    dt = np.array([0.5, 0.7, 0.731])
    poles = spectra.linoss(order=6, version=version, step=dt, rng=4)
    a = np.random.default_rng(4).uniform(size=3)
    expected = []
    for h, A in zip(map(mpmath.mpf, dt), map(mpmath.mpf, a), strict=True):
        if version == "IM":
            matrix = mpmath.matrix([[1, -h * A], [h, 1]]) / (1 + h * h * A)
        else:
            matrix = mpmath.matrix([[1, -h * A], [h, 1 - h * h * A]])
        expected += mpmath.eig(matrix, left=False, right=False)
    assert_same_sets(poles.values, expected, 1e-14)
    assert poles.is_stable == (version == "IM")


EXACT = [("legs", {}), ("lagt", {}), ("tlagt", {"beta": 0.5}), ("glagt", {}), ("glagt", {"alpha": 0.3, "beta": 0.1})]


@pytest.mark.parametrize(("measure", "choice"), EXACT)
def test_states_are_legendre_and_laguerre_functions(measure, choice):
    system = spectra.hippo(order=12, measure=measure, **choice)
    times = np.array([0.0, 0.1, 0.7, 2.5])
    responses = np.stack([scipy.linalg.expm(t * system.A.matrix.real) @ system.B[:, 0].real for t in times], 1)
    functions = spectra.hippo_basis(order=12, measure=measure, t=times, **choice)
    assert np.abs(responses - functions).max() <= 1e-12 * np.abs(functions).max()


@pytest.mark.parametrize("measure", ["legt", "fout"])
@pytest.mark.parametrize("choice", [{}, {"version": "s4"}, {"window": 3.0}])
def test_windowed_functions_are_the_limit(measure, choice):
    """The first four states, at times inside and outside of the window: the error falls with N."""
    theta = choice.get("window", 1.0) * (2 if choice.get("version") == "s4" else 1)
    times, errors = theta * np.array([0.13, 0.4, 0.77, 1.3]), []
    for N in (16, 64, 128):
        system = spectra.hippo(order=N, measure=measure, **choice)
        responses = np.stack([scipy.linalg.expm(t * system.A.matrix.real) @ system.B[:, 0].real for t in times], 1)[:4]
        errors.append(np.abs(responses - spectra.hippo_basis(order=N, measure=measure, t=times, **choice)[:4]).max() * theta)
    assert errors[2] < errors[1] < errors[0] and errors[2] < 0.1


NORMAL = [
    ("legs", {}, 1),
    ("legt", {}, 2),
    ("legt", {"version": "s4"}, 2),
    ("lagt", {}, 1),
    ("tlagt", {}, 1),
    ("fout", {"window": 2.0}, 1),
]


@pytest.mark.parametrize(("measure", "choice", "rank"), NORMAL)
@pytest.mark.parametrize("N", [8, 256])
def test_normal_plus_low_rank(measure, choice, rank, N):
    dense, split = (make(order=N, measure=measure, **choice) for make in (spectra.hippo, spectra.hippo_dplr))
    V = split.C
    assert split.A.rank == rank and np.ptp(split.A.values.real) <= 1e-12
    size = np.linalg.norm(dense.A.matrix)
    assert np.abs(V @ split.A.to_dense() @ V.conj().T - dense.A.matrix).max() <= 1e-12 * size
    assert np.abs(V @ split.B - dense.B).max() <= 1e-12 * np.abs(dense.B).max() * N
    assert np.abs(V.conj().T @ V - np.eye(N)).max() <= 1e-12


def test_hippo_identities_in_integers():
    """Squares of the entries and their signs: A + Aᵀ = -BBᵀ - I (LegS), -bbᵀ - ccᵀ (LegT), -BBᵀ (LagT); no rounding anywhere."""
    for n in range(20):
        for k in range(20):
            product = (2 * n + 1) * (2 * k + 1)  # the square of r_n r_k
            legs = (n > k) + (k > n)  # units of -r_n r_k in A + Aᵀ, off the diagonal
            assert legs == (n != k) and (n != k or -2 * (n + 1) == -(2 * n + 1) - 1)
            legt = (1 if k <= n else (-1) ** (n - k)) + (1 if n <= k else (-1) ** (k - n))
            assert legt == 1 + (-1) ** n * (-1) ** k and product > 0
            lagt = (n > k) + (k > n) + (n == k)
            assert lagt == 1
    r = np.sqrt(2 * np.arange(20) + 1)
    legs, legt, lagt = (spectra.hippo(order=20, measure=m).A.matrix.real for m in ("legs", "legt", "lagt"))
    c = (-1.0) ** np.arange(20) * r
    assert np.abs(legs + legs.T + np.outer(r, r) + np.eye(20)).max() <= 1e-14
    assert np.abs(legt + legt.T + np.outer(r, r) + np.outer(c, c)).max() <= 1e-13
    assert np.array_equal(lagt + lagt.T, -np.ones((20, 20)))


def test_legs_eigenvectors_in_integers():
    """Ã V = V diag(-1 … -N) with Ã_nk = -(2k+1) below the diagonal, -(n+1) on it, and V_ij = (-1)^i C(i+j, i-j)."""
    from math import comb

    N = 40
    A = [[-(2 * k + 1) if n > k else -(n + 1) if n == k else 0 for k in range(N)] for n in range(N)]
    V = [[(-1) ** i * comb(i + j, i - j) if i >= j else 0 for j in range(N)] for i in range(N)]
    for i in range(N):
        for j in range(N):
            assert sum(A[i][k] * V[k][j] for k in range(N)) == -(j + 1) * V[i][j]
    ours = spectra.legs_eigenvectors(order=N)
    exact = np.array([[float(x) for x in row] for row in V]) * np.sqrt(2 * np.arange(N) + 1)[:, None]
    assert np.abs(ours / np.where(exact == 0, 1, exact) - (exact != 0)).max() <= 1e-13
    conditions = [np.linalg.cond(v / np.linalg.norm(v, axis=0)) for v in (spectra.legs_eigenvectors(order=n) for n in (8, 16))]
    assert 2.0 < np.log2(conditions[1] / conditions[0]) / 8 < 2.8  # about 2^{2.4 N}


def test_largest_frequency_of_legs():
    """ω_0 = N²/π - π/6 + O(N⁻²)."""
    gaps = [spectra.s4d_legs(order=N, step=1.0).log.imag.max() - N**2 / np.pi for N in (32, 128, 512)]
    assert np.allclose(gaps, [-0.523008, -0.523562, -0.523596], atol=2e-6)


def test_ring_and_kautz():
    m = lssm.memory_function(spectra.ring(order=7, radius=0.9), 40)
    assert np.allclose(m.values, (1 - 0.9**14) * 0.9 ** (14 * (m.delays // 7)), rtol=1e-12)
    kautz = spectra.kautz(order=4, pole=0.6 + 0.5j)
    nearly = lssm.Poles.from_discrete([0.6 + 0.5j, 0.6 - 0.5j, 0.6 + 1e-9 + 0.5j, 0.6 + 1e-9 - 0.5j])
    assert np.allclose(lssm.memory_function(kautz, 30).values, ball_memory(nearly.log, range(30)), atol=1e-7)


@pytest.mark.parametrize(
    "call",
    [
        lambda: spectra.s4d_quad(order=3, step=0.1),
        lambda: spectra.s4d_inv(order=4, step=0.1, version="x"),
        lambda: spectra.hippo(order=4, measure="x"),
        lambda: spectra.hippo(order=4, measure="glagt", alpha=1.0),
        lambda: spectra.hippo(order=4, measure="tlagt", beta=0.0),
        lambda: spectra.hippo_dplr(order=4, measure="lmu"),
        lambda: spectra.hippo_basis(order=4, measure="lmu", t=[0.0]),
        lambda: spectra.hippo_basis(order=4, measure="legs", t=[-1.0]),
        lambda: spectra.hippo_basis(order=3, measure="fout", t=[1.0]),
        lambda: spectra.legs_eigenvectors(order=501),
        lambda: spectra.hippo(order=3, measure="fout"),
        lambda: spectra.hippo(order=4, measure="legt", window=0.0),
        lambda: spectra.legt(order=4, step=0.0),
        lambda: spectra.legt(order=4, step=0.1, method="x"),
        lambda: spectra.s5(order=8, blocks=3),
        lambda: spectra.s5(order=8, step=[0.1, 0.2]),
        lambda: spectra.s5(order=8, step_range=(0.1, 0.01)),
        lambda: spectra.lru(order=8, r_min=0.9, r_max=0.5),
        lambda: spectra.lru(order=8, max_phase=-1.0),
        lambda: spectra.mamba2(heads=0, step=0.1),
        lambda: spectra.retnet(order=7),
        lambda: spectra.linoss(order=4, version="x"),
        lambda: spectra.linoss(order=4, step=[0.1, 0.2, 0.3]),
        lambda: spectra.kautz(order=4, pole=0.5),
        lambda: spectra.ring(order=4, radius=0.0),
        lambda: spectra.ring(order=4, radius=1.5),
        lambda: spectra.s4d_lin(order=4, step=1e308),
        lambda: spectra.s4d_lin(order=4, step=0.1, method=np.array(["zoh", "x"])),
        lambda: spectra.s4d_lin(order=4, step=np.longdouble("1e4000")),
        lambda: spectra.hippo(order=4, measure="legt", window=1e-320),
        lambda: spectra.s5(order=4, step=1e308),
        lambda: spectra.s5(order=4, step_range=(1, 2, 3)),
        lambda: spectra.s5(order=4, step_range=1),
        lambda: spectra.linoss(order=4, version="IMEX", step=3.0),
        lambda: spectra.linoss(order=4, step=1e160),
    ],
)
def test_bad_input(call):
    with pytest.raises(lssm.InvalidInputError):
        call()
