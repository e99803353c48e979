-- All SQL of the store lives here. "-- migrate: N" takes a store from version N-1 to N and is never altered once
-- released; "-- name: X" is one statement, known to the code as SQL.x.
-- Moments in columns are whole milliseconds of UTC since 1970; the JSON columns hold the whole value.

-- migrate: 1
create table service (no integer primary key, id text not null unique);

-- One row per look until its hour is packed. The key begins with the minute, not with the service: the looks of one
-- commit then fall on a few neighbouring pages instead of one page each (measured for 1,000 services: a fifth of the
-- CPU, a tenth of the bytes written), and one service's hour is still only sixty short seeks.
create table look (
  minute integer not null, service integer not null, at integer not null,
  status integer not null, confirming integer not null, latency real,
  primary key (minute, service, at)
) without rowid;

create table belief (service text primary key, belief text not null) without rowid;

create table incident (
  id text primary key, service text not null, state text not null,
  started_at integer not null, resolved_at integer, revision integer not null, incident text not null
);
create index incident_started on incident (started_at);
create index incident_open on incident (started_at) where state <> 'resolved';

create table event (
  seq integer primary key, subject text not null, n integer not null, at integer not null, event text not null,
  unique (subject, n)
);

create table told (
  destination text not null, subject text not null, state text not null,
  owed integer not null, told integer not null, row text not null,
  primary key (destination, subject)
) without rowid;
create index told_subject on told (subject);

create table setting (name text primary key, value text not null) without rowid;

-- migrate: 2
-- What full hours become. A slot is `hour << 24 | service` (hours since 1970), so that a new hour is appended at the end
-- and the oldest is deleted as one piece; of a day it is `service << 24 | day`, so that a year of one service lies
-- together. Counts are of scheduled looks per status; a day's sketch holds the latencies of the looks that are gone.
create table packed (slot integer primary key, looks blob not null);

create table hour (
  slot integer primary key,
  operational integer not null, maintenance integer not null, degraded integer not null,
  partial integer not null, major integer not null, unknown integer not null
);

create table day (
  slot integer primary key,
  operational integer not null, maintenance integer not null, degraded integer not null,
  partial integer not null, major integer not null, unknown integer not null,
  sketch blob
);

-- How far forgetting has come: `hours` is the first day whose hours are kept.
create table mark (name text primary key, period integer not null) without rowid;
insert into mark values ('hours', 0);

-- name: begin
begin immediate;

-- name: snapshot
begin;

-- name: commit
commit;

-- name: rollback
rollback;

-- name: services
select no, id from service;

-- name: add_service
insert into service (no, id) values (?, ?);

-- name: add_look
insert into look (minute, service, at, status, confirming, latency) values (?, ?, ?, ?, ?, ?);

-- name: has_look
select 1 from look where minute = ? and service = ? and at = ?;

-- name: unpacked
select service, minute / 60, status, confirming, count(*), max(at) from look group by 1, 2, 3, 4;

-- name: looks_of_hour
with recursive minutes (minute) as (
  select :hour * 60 union all select minute + 1 from minutes where minute < :hour * 60 + 59)
select look.service, at, status, confirming, latency
from minutes cross join look on look.minute = minutes.minute and look.service between :first and :last;

-- name: drop_looks
delete from look where minute = ? and service between ? and ?;

-- name: packed_between
select slot, looks from packed where slot between ? and ?;

-- name: packed_of
select looks from packed where slot in (
  with recursive hours (hour) as (select :first union all select hour + 1 from hours where hour < :last)
  select hour << 24 | :service from hours)
order by slot;

-- name: packed_hours_of
select slot >> 24, looks from packed where slot in (
  with recursive hours (hour) as (select :first union all select hour + 1 from hours where hour < :last)
  select hour << 24 | :service from hours)
order by slot;

-- name: packed_span
select (select min(slot) from packed) >> 24, (select max(slot) from packed) >> 24;

-- name: put_packed
insert into packed (slot, looks) values (?, ?) on conflict (slot) do update set looks = excluded.looks;

-- name: oldest_packed
select slot, looks from packed where slot < ? order by slot limit ?;

-- name: drop_packed
delete from packed where slot between ? and ?;

-- name: add_hour
insert into hour values (?, ?, ?, ?, ?, ?, ?)
on conflict (slot) do update set operational = operational + excluded.operational,
  maintenance = maintenance + excluded.maintenance, degraded = degraded + excluded.degraded,
  partial = partial + excluded.partial, major = major + excluded.major, unknown = unknown + excluded.unknown;

-- name: add_day
insert into day values (?, ?, ?, ?, ?, ?, ?, null)
on conflict (slot) do update set operational = operational + excluded.operational,
  maintenance = maintenance + excluded.maintenance, degraded = degraded + excluded.degraded,
  partial = partial + excluded.partial, major = major + excluded.major, unknown = unknown + excluded.unknown;

-- name: sketch
select sketch from day where slot = ?;

-- name: put_sketch
insert into day values (?, 0, 0, 0, 0, 0, 0, ?) on conflict (slot) do update set sketch = excluded.sketch;

-- name: sketches
select slot & 16777215, sketch from day where slot between ? and ? and sketch is not null;

-- name: days_of
select slot & 16777215, operational, maintenance, degraded, partial, major, unknown, sketch
from day where slot between ? and ?;

-- name: drop_hours
delete from hour where slot in (select slot from hour where slot < ? order by slot limit ?);

-- name: drop_days
delete from day where slot between ? and ?;

-- name: mark
select period from mark where name = ?;

-- name: put_mark
update mark set period = :period where name = :name and period <> :period;

-- name: uptime_in_hours
select slot & 16777215, sum(operational + degraded), sum(partial + major), sum(maintenance), sum(unknown)
from hour where slot >= ? and slot < ? group by 1;

-- name: uptime_in_hours_of
select :service, sum(operational + degraded), sum(partial + major), sum(maintenance), sum(unknown)
from hour where slot in (
  with recursive hours (hour) as (select :first union all select hour + 1 from hours where hour + 1 < :end)
  select hour << 24 | :service from hours where hour < :end);

-- name: uptime_in_days
select service.no, sum(operational + degraded), sum(partial + major), sum(maintenance), sum(unknown)
from service cross join day on day.slot >= (service.no << 24 | :first) and day.slot < (service.no << 24 | :end)
group by service.no;

-- name: uptime_in_days_of
select :service, sum(operational + degraded), sum(partial + major), sum(maintenance), sum(unknown)
from day where slot >= (:service << 24 | :first) and slot < (:service << 24 | :end);

-- name: forgettable
select id from incident where resolved_at < ? order by resolved_at limit ?;

-- name: drop_incident
delete from incident where id = ?;

-- name: drop_events
delete from event where subject = ?;

-- name: drop_told
delete from told where subject = ?;

-- name: drop_old_events
delete from event where seq in (
  select seq from event where at < ? and subject not in (select id from incident)
  and n < (select max(n) from event last where last.subject = event.subject) limit ?);

-- name: put_belief
insert into belief (service, belief) values (?, ?)
on conflict (service) do update set belief = excluded.belief;

-- name: beliefs
select service, belief from belief;

-- name: put_incident
insert into incident (id, service, state, started_at, resolved_at, revision, incident) values (?, ?, ?, ?, ?, ?, ?)
on conflict (id) do update set service = excluded.service, state = excluded.state,
  started_at = excluded.started_at, resolved_at = excluded.resolved_at, revision = excluded.revision,
  incident = excluded.incident;

-- name: add_event
insert into event (subject, n, at, event) values (?, ?, ?, ?) on conflict (subject, n) do nothing;

-- name: event
select event from event where subject = ? and n = ?;

-- name: put_told
insert into told (destination, subject, state, owed, told, row) values (?, ?, ?, ?, ?, ?)
on conflict (destination, subject) do update set state = excluded.state, owed = excluded.owed,
  told = excluded.told, row = excluded.row;

-- name: put_setting
insert into setting (name, value) values (?, ?)
on conflict (name) do update set value = excluded.value;

-- name: settings
select name, value from setting;

-- name: live_told
select t.row from told t left join incident i on i.id = t.subject
where i.id is null or i.state <> 'resolved' or t.state in ('owed', 'sending', 'held')
   or t.told < t.owed or t.told < i.revision
order by t.destination, t.subject;

-- name: live_incidents
select incident from incident i
where state <> 'resolved' or exists (
  select 1 from told t where t.subject = i.id
  and (t.state in ('owed', 'sending', 'held') or t.told < t.owed or t.told < i.revision))
order by started_at, id;

-- name: newest_events
select event from event order by seq desc limit ?;

-- name: revisions
select subject, max(n) from event where subject not in (select id from incident) group by subject;

-- name: incidents
select incident from incident
where (state <> 'resolved' or not :open_only) and (resolved_at is null or resolved_at >= :since)
  and (:service = '' or service = :service)
order by started_at desc, id desc;

-- name: timeline
select event from event where subject = ? order by n;

-- name: told_of
select row from told where subject = ? order by destination;

-- name: events
select event from (select seq, at, event from event order by seq desc limit :limit) where at >= :since order by seq;

-- name: told_by_state
select told.destination, told.state, count(*) from incident join told on told.subject = incident.id
where (resolved_at is null or resolved_at >= :since) and not coalesce(json_extract(incident, '$.rehearsal'), 0)
group by 1, 2;

-- name: flapped
select incident.service, count(*) from incident join event on event.subject = incident.id
where (resolved_at is null or resolved_at >= :since) and not coalesce(json_extract(incident, '$.rehearsal'), 0)
  and json_extract(event, '$.kind') = 'flapping'
group by 1;
