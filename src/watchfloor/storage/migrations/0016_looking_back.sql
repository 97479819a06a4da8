-- Looking back at a day: what changed who might do what, and the looks that a decision allowed.

create index audit_entry_standing on audit_entry (agency_id, about_id, at) where reason in ('person.invited',
    'person.roles_changed', 'invitation.accepted', 'person.suspended', 'authorisation.in_force', 'authorisation.suspended');
create index on access_grant (entry_id);
