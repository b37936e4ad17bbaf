"""The merged model: which tensors change, how they are written and checked, its form."""
