"""Finding complaints by any word in them, in Chinese and English.

PostgreSQL ships no Chinese word splitter, and word lists lose what they do not know. So Chinese runs are cut into
pairs of characters: a pair is found exactly, a longer run by all its pairs, one character by prefix.
"""
