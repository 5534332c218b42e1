r"""Gradient of memory: rank one, conserved, bounded.

Statement
---------
Let $\lambda_1,\dots,\lambda_N$ lie inside the unit circle, repeats and zeros allowed, $b$ their all-pass filter,
$g_k = 1-|\lambda_k|^2$, and

$$
c(z) = \frac{b(z)}{1-\lambda_kz}, \qquad d(z) = \frac{b(z)}{z-\bar\lambda_k} .
$$

Then, with Wirtinger derivatives and $P$ the projector of $\ell^2$ onto what the poles remember,

1. $\partial P/\partial\lambda_k = c\,d^*$, hence $\partial M(\tau)/\partial\lambda_k = c_\tau\bar d_\tau$;
2. $c_t = \lambda_kc_{t-1}+b_t$ from rest and $d_{t-1} = \bar\lambda_kd_t+b_t$ from infinity;
3. conservation: $\|c\|^2=\|d\|^2=1/g_k$ and $\langle c,d\rangle=0$, hence $\sum_\tau\partial M(\tau)/\partial\lambda_k=0$;
4. the bound $|\partial M(\tau)/\partial\lambda_k| \le \sqrt{M(\tau)(1-M(\tau))}/g_k$;
5. the backward scan starts exactly: with $w$ the states of the sections after step $T-1$ and $S=w_k$, then for $j>k$
   $S \leftarrow (g_jw_j+(\bar\lambda_k-\bar\lambda_j)S)/(1-\lambda_j\bar\lambda_k)$, at the end $d_{T-1}=S$.

Taken as given (analysis)
-------------------------
* the kernel of $P$ is $K(z,w) = (1-b(z)\overline{b(w)})/(1-z\bar w)$ (`proofs/takenaka_malmquist.py`);
* on the circle $|b|=1$ and $\bar z=1/z$; the mean over the circle of a function analytic in a neighbourhood of the closed disk
  is its value at 0; $\langle f,h\rangle$ is the mean of $f\bar h$;
* the range of $P$ is $H^2\ominus bH^2$: $c = b\cdot1/(1-\lambda_kz)$ lies in $bH^2$, orthogonal to it, and $d$, a polynomial of
  degree below $N$ over $\prod_j(1-\lambda_jz)$, lies in it. For $f$ in a subspace with projector $Q$:
  $|f_\tau|^2\le\|f\|^2Q_{\tau\tau}$ (Cauchy–Schwarz).

Stands behind
-------------
`lssm.memory_gradient`, `lssm.memory_hessian`, `lssm.allpass.projector_derivative`, `lssm.symbolic.memory_gradient`;
derivation: {doc}`/derivations/gradient`
"""

import sympy
from sympy import Derivative, I, Rational, sqrt

import lssm

from ._kit import Proof, at, coefficient, conjugated


def prove() -> Proof:
    """Derivative of the kernel, scans, norms, bound, exact start, tie."""
    return Proof("Gradient of memory, conservation law, bound", "every N", derivative, scans, norms, bound, exact_start, tie)


def derivative(proof: Proof) -> None:
    r"""Derivative of the kernel: only factor $k$ has $\lambda$ in it; the others, at $z$ and $w$, are constants $r$, $\bar r$."""
    l, lb = conjugated("lambda")
    z, wb = sympy.symbols("z w_bar")
    r, rb = conjugated("r")
    b, b_bar = r * (z - lb) / (1 - l * z), rb * (wb - l) / (1 - lb * wb)
    kernel, c, d_bar = (1 - b * b_bar) / (1 - z * wb), b / (1 - l * z), b_bar / (wb - l)
    proof.equal("∂K/∂λ = c(z) d̄(w)", Derivative(kernel, l), c * d_bar)


def scans(proof: Proof) -> None:
    r"""The two recurrences: coefficients of $(1-\lambda z)c=b$ and of $(z-\bar\lambda)d=b$."""
    l, lb = conjugated("lambda")
    z, before, now = sympy.symbols("z f_0 f_1")
    proof.equal("forward scan", coefficient((1 - l * z) * (before + now * z), z, 1), now - l * before)
    proof.equal("backward scan", coefficient((z - lb) * (before + now * z), z, 1), before - lb * now)


def norms(proof: Proof) -> None:
    r"""Norms and orthogonality, on the circle: $\bar z=1/z$, $|b|=1$; the sum $S=\sum_t|\lambda|^{2t}$ is $1+|\lambda|^2S$."""
    l, lb = conjugated("lambda")
    z, S = sympy.symbols("z S")
    poisson = 1 / ((1 - l * z) * (1 - lb / z))
    proof.equal("|d|² = |c|²", 1 / ((z - lb) * (1 / z - l)), poisson)
    proof.equal("Σ|λ|^2t = 1/g", S, 1 + l * lb * S, using={S: 1 / (1 - l * lb)})
    inner = z / (1 - l * z) ** 2
    proof.equal("c d̄", 1 / ((1 - l * z) * (1 / z - l)), inner)
    proof.equal("its mean is its value at 0", at(inner, {z: 0}), 0)


def bound(proof: Proof) -> None:
    r"""The bound: $E_c=|c_\tau|^2$ and $E_d=|d_\tau|^2$ are at most $(1-M)/g$ and $M/g$, whose product is its square."""
    M, g, c, d = sympy.symbols("M g E_c E_d", positive=True)
    proof.equal("product of the two estimates", sqrt(c * d), sqrt(M * (1 - M)) / g, using={c: (1 - M) / g, d: M / g})


def exact_start(proof: Proof) -> None:
    r"""Exact start: $\mu=\bar\lambda_k$, $S$ is the transform $\sum_{s\ge T}\mu^{s-T}(\cdot)_s$ of what enters section $j$.

    The transform $W$ of its old states obeys $W=w+\mu(\lambda_jW+S)$.
    """
    l, lb = conjugated("lambda_j")
    mu, w, S, W = sympy.symbols("mu w S W")
    old = (w + mu * S) / (1 - l * mu)
    proof.equal("old states", W, w + mu * (l * W + S), using={W: old})
    out, g = (1 - l * lb) * W - lb * S, 1 - l * lb
    proof.equal("one section", out, (g * w + (mu - lb) * S) / (1 - l * mu), using={W: old})
    proof.equal("section k itself forgets what came before", out, w, using={W: old, mu: lb})


def tie(proof: Proof) -> None:
    """Library against exact derivatives at Gaussian-rational poles, one of them twice."""
    poles = [Rational(1, 2), Rational(1, 2), Rational(-1, 4) + I / 2]
    exact = lssm.symbolic.memory_gradient(poles, 3)
    gradient = lssm.memory_gradient(lssm.Poles.from_discrete([complex(p) for p in poles]), 3)
    for tau in range(3):
        for k in (0, 2):
            proof.close(f"Re ∂M({tau})/∂λ_{k}", gradient[k, tau].real, sympy.re(exact[k, tau]), ulps=256)
        proof.close(f"Im ∂M({tau})/∂λ_2", gradient[2, tau].imag, sympy.im(exact[2, tau]), ulps=256)
