"""Functions that applied mathematics has named: those of Bessel, Airy and Lambert, Γ, elliptic integrals, steps."""

from kancli.symbolic.elementary.special.airy import AIRY
from kancli.symbolic.elementary.special.bessel import BESSEL
from kancli.symbolic.elementary.special.elliptic import ELLIPTIC
from kancli.symbolic.elementary.special.erfc import ERFC
from kancli.symbolic.elementary.special.gamma import GAMMA
from kancli.symbolic.elementary.special.lambert import LAMBERT
from kancli.symbolic.elementary.special.sinc import SINC
from kancli.symbolic.elementary.special.steps import STEPS

__all__ = ["SPECIAL"]

# The order is that of the library among functions of one complexity.
SPECIAL = (ERFC, SINC, *BESSEL, AIRY, *GAMMA, LAMBERT, *ELLIPTIC, *STEPS)
