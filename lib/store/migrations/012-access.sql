-- Who may come in: by password, by a session that one opened, or by a token; secrets are kept as hashes alone.
create table users (
  name text primary key collate nocase,
  role text not null,
  password text not null,
  created_at datetime not null
);
create table sessions (
  hash text primary key,
  user text not null collate nocase references users (name) on delete cascade,
  expires_at datetime not null
);
create table tokens (
  name text primary key collate nocase,
  role text not null,
  hash text not null unique,
  created_at datetime not null,
  expires_at datetime not null
);
-- Who came in, was refused, or changed who may: what belongs to no experiment.
create table access_events (
  id integer primary key autoincrement,
  kind text not null,
  who text,
  words text,
  at datetime not null
);
