"""The agenda as other tools write and read it: `schedule.json` and `schedule.xml`, as frab and pretalx have them."""
