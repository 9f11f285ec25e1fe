"""A simulated assistant week by week, and what is done to its model between the weeks."""
