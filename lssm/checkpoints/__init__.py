"""Trained models as pole sets: reads safetensors and npz files, never a pickle.

Layers are found by the names of their parameters, those of the published code:

========  ==================================================  =======================================================
kind      tensors                                             poles
========  ==================================================  =======================================================
S4D       ``log_dt, log_A_real, A_imag``                      ``(-e^{log_A_real} + i A_imag) e^{log_dt}``, with conjugates
S4        ``inv_dt, A_real, A_imag, B, P``                    eigenvalues of ``diag(-e^{A_real} - i A_imag) - P Pᴴ``, bilinear
S5        ``Lambda_re, Lambda_im, log_step``                  ``Λ e^{log_step}``, with conjugates where none are stored
LRU       ``nu_log, theta_log``                               ``-e^{nu_log} + i e^{theta_log}``, with conjugates
Mamba     ``A_log, dt_proj.bias``                             ``-e^{A_log} softplus(bias)``: the step at its bias
Mamba-2   ``A_log, dt_bias``                                  the same, one pole a head
========  ==================================================  =======================================================
"""

from ._layer import Checkpoint as Checkpoint
from ._layer import Layer as Layer
from ._load import load as load
