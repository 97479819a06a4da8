-- Searching by how a plate ends: the folded plate backwards, in the same five bits a character from the left, so that a range
-- finds those that end alike. It is a column because row security lets an index be used for plain comparisons of numbers alone.
-- By day like the reads, so that it goes with them: there is no list of all plates ever read beside the reads.

create function wf_backwards(key bigint, characters integer) returns bigint language sql immutable parallel safe as $$
    select ((key & 31) << 55 | (key >> 5 & 31) << 50 | (key >> 10 & 31) << 45 | (key >> 15 & 31) << 40
        | (key >> 20 & 31) << 35 | (key >> 25 & 31) << 30 | (key >> 30 & 31) << 25 | (key >> 35 & 31) << 20
        | (key >> 40 & 31) << 15 | (key >> 45 & 31) << 10 | (key >> 50 & 31) << 5 | (key >> 55 & 31))
        << 5 * (12 - characters)
$$;

alter table plate_read add column backwards_key bigint generated always as (wf_backwards(folded_key, length(plate))) stored;
create index on plate_read (backwards_key, at);
