"""Pure rules: arguments in, values out; no input or output, no clock."""
