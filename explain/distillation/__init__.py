"""What distillation compares: records of soft targets, losses, students and live trainings."""
