-- Which column of a reader's tables says what, as JSON, and since when.
alter table reader add column csv_mapping text;
alter table reader add column csv_mapping_at timestamptz;
