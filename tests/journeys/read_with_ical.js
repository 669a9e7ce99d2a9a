// What a calendar of the ical.js family (Thunderbird, Nextcloud) makes of a feed: each event, times as instants.
(text) => {
  const calendar = new ICAL.Component(ICAL.parse(text));
  ICAL.TimezoneService.reset();
  calendar.getAllSubcomponents("vtimezone").forEach((zone) => ICAL.TimezoneService.register(zone));
  return calendar.getAllSubcomponents("vevent").map((component) => {
    const event = new ICAL.Event(component);
    const value = (name) => component.getFirstPropertyValue(name);
    const instant = (time) => time.toJSDate().toISOString();
    const categories = component.getFirstProperty("categories");
    return {
      uid: event.uid,
      sequence: event.sequence,
      created: instant(value("created")),
      modified: instant(value("last-modified")),
      stamped: instant(value("dtstamp")),
      start: instant(event.startDate),
      end: instant(event.endDate),
      title: event.summary,
      place: event.location ?? "",
      status: value("status"),
      is_free: value("transp") === "TRANSPARENT",
      is_private: value("class") === "PRIVATE",
      categories: categories ? categories.getValues() : [],
      url: value("url") ?? "",
      conference: value("conference") ?? "",
      text: event.description ?? "",
    };
  });
};
