"""Learning from judgements: what was preferred, the objective, the rows that it is computed on."""
