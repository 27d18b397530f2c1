"""Products of powers of elementary expressions, and exponentials: laws that are linear in log|y|.

log|y| = c + Σ aᵢ·log|xᵢ| + Σ bₖ·log|zₖ| + Σ cⱼ·uⱼ

with zₖ and uⱼ out of a dictionary that is made from the library (`atoms`), chosen by orthogonal matching pursuit
(`pursuit`). It takes a fraction of a second and no network; all constants are then fitted to y itself (`read`).
"""
