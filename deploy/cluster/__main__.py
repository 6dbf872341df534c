"""`python -m deploy.cluster`."""

from deploy.cluster.program import main

main()
