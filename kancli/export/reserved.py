"""Words that cannot name a parameter: each language's own, and the macros of the included headers.

To these come the functions that an export defines because the language has none.
"""

from __future__ import annotations

from kancli.export.spelling import definitions, partial
from kancli.symbolic.elementary import FUNCTIONS


def _words(language: str, text: str) -> frozenset[str]:
    return frozenset(text.split()) | definitions(language).keys()


# What functions with a domain are called where they are kept from raising outside it.
_KEPT_REAL = frozenset(f"{entry.name}_" for language in ("julia", "octave") for entry in partial(language))


# C23's keywords; macros of math.h, stdio.h and stddef.h; `linux` and `unix` are macros of gcc.
C = _words(
    "c",
    """alignas alignof auto bool break case char const constexpr continue default do double else enum extern false
    float for goto if inline int long nullptr register restrict return short signed sizeof static static_assert
    struct switch thread_local true typedef typeof typeof_unqual union unsigned void volatile while asm fortran
    linux unix i386 NULL EOF BUFSIZ FILENAME_MAX FOPEN_MAX L_tmpnam SEEK_CUR SEEK_END SEEK_SET TMP_MAX NAN INFINITY
    HUGE_VAL HUGE_VALF HUGE_VALL MATH_ERRNO MATH_ERREXCEPT math_errhandling FP_NAN FP_INFINITE FP_ZERO FP_SUBNORMAL
    FP_NORMAL FP_ILOGB0 FP_ILOGBNAN M_E M_LOG2E M_LOG10E M_LN2 M_LN10 M_PI M_PI_2 M_PI_4 M_1_PI M_2_PI M_2_SQRTPI
    M_SQRT2 M_SQRT1_2 DOMAIN SING OVERFLOW UNDERFLOW PLOSS TLOSS HUGE X_TLOSS errno stdin stdout stderr
    signgam isnan isinf isfinite isnormal signbit fpclassify pow fabs exp log sqrt pi predict main""",
)

CPP = C | _words(
    "c++",
    """and and_eq bitand bitor catch char8_t char16_t char32_t class co_await co_return co_yield compl concept
    consteval constinit const_cast decltype delete dynamic_cast explicit export final friend import module mutable
    namespace new noexcept not not_eq operator or or_eq override private protected public reinterpret_cast requires
    static_cast template this throw try typeid typename using virtual wchar_t xor xor_eq std""",
)

# Fortran has no reserved words, but these would hide what the program itself calls.
FORTRAN = frozenset(FUNCTIONS) | _words(
    "fortran",
    """predict predicted formula dp pi kind real sqrt merge elemental function module result
    use only parameter implicit none end""",
)

JULIA = _KEPT_REAL | _words(
    "julia",
    """baremodule begin break catch const continue do else elseif end export false finally for function global if
    import let local macro module public quote return struct true try using while where in isa outer mutable
    abstract primitive type pi im predict sqrt_ pow_ NaN Inf""",
)

RUST = _words(
    "rust",
    """as break const continue crate else enum extern false fn for if impl in let loop match mod move mut pub ref
    return self Self static struct super trait true type unsafe use where while async await dyn abstract become box
    do final gen macro override priv try typeof unsized virtual yield union f64 std predict main PI""",
)

# Those of strict mode and of modules too.
JAVASCRIPT = _words(
    "javascript",
    """arguments async await break case catch class const continue debugger default delete do else enum eval export
    extends false finally for function if implements import in instanceof interface let new null of package private
    protected public return static super switch this throw true try typeof undefined var void while with yield
    NaN Infinity Math Number console module require process predict""",
)

OCTAVE = _KEPT_REAL | _words(
    "octave",
    """break case catch classdef continue do else elseif end end_try_catch end_unwind_protect endclassdef
    endenumeration endevents endfor endfunction endif endmethods endparfor endproperties endswitch endwhile
    enumeration events for function global if methods otherwise parfor persistent properties return spmd switch
    try until unwind_protect unwind_protect_cleanup while pi i j e Inf NaN eps ans predict predicted
    sqrt_ pow_ real_ nargin""",
)

R = _words(
    "r",
    """if else repeat while function for in next break TRUE FALSE NULL Inf NaN NA NA_integer_ NA_real_ NA_complex_
    NA_character_ T F pi c predict_formula return""",
)
