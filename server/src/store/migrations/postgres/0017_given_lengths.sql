-- What the sender said of a recording: it counts before what decoding finds, which counts before what the file says.
ALTER TABLE recordings
  ADD COLUMN given_duration_seconds double precision,
  ADD COLUMN given_channels integer,
  -- Whether endpoints are told of it, and of its length when that is found later.
  ADD COLUMN is_announced boolean NOT NULL DEFAULT true;
