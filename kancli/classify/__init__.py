"""Formulas for the log-odds of a target that is a label.

For each class k beyond the first, log(P(k)/P(first)) is a formula of the inputs. A logit model of splines gives a
working response, z = η + (y − p)/(p(1 − p)) with weights p(1 − p), whose least squares are those of the likelihood
(iteratively reweighted least squares; McCullagh & Nelder, Generalized Linear Models, 1989, chapter 2): the search
that finds formulas of numbers runs on it (`search`). Its candidates are fitted again by the likelihood itself and
judged by the description length that this gives (`likelihood`). Classes are taken in pairs with the first one (Begg &
Gray 1984), and all constants fitted together at the end.
"""
