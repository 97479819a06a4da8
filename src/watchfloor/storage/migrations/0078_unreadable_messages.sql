-- A message that came over MQTT and cannot be read has nobody to be answered to: what was wrong with the last is told at its microphone.
alter table microphone_state add column unreadable_at timestamptz, add column unreadable text check (length(unreadable) <= 300);
