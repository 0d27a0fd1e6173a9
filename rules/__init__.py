"""The law as pure Python and dated data: Articles 4 to 9, 11 and 13 of 苏信用发〔2020〕4号.

Nothing here reads a clock, a database or the network; the only files read are the package's own data.
"""
