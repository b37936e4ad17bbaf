"""First aid: does this machine have what a run needs, and what repairs what it lacks?"""
