"""What every room stands on: database, errors, languages, time, jobs, mail, files, audit."""
