"""The door for sales agents that are programs: the gate as tools of the Model Context Protocol."""
