"""The board: what people see. It speaks only to `Control`, and computes no truth: it folds changes into a picture."""
