"""The deploy gate as a screen, and the marks that name deployments."""
