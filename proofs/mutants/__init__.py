"""Would the induction notice? Single lines of the core operations are deleted or changed, and the proofs run again."""
