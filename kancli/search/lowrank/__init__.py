"""Sums of products of functions of single inputs, y = Σ_r Π_s f_rs(x_s).

A network [d,Rp,1] fixes its functions only up to a mixture of its products. So the products are not fitted as splines
and read, but chosen: y = P(x) + Σ_j w_j·m_j(x)·f_j(x_s)·g_j(x_t) with a polynomial P and monomials m_j is linear but
for the constants inside f_j and g_j. Terms are added one by one for what they explain (orthogonal matching pursuit),
the constants inside fitted with all that is linear eliminated (variable projection), and exchanged for better ones.
What of P is not needed goes at the end.
"""
