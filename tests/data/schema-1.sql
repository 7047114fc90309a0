INSERT INTO person (transport, workspace, ref, name) VALUES ('fake', 'here', 'alice', 'Alice');
INSERT INTO person (transport, workspace, ref, name) VALUES ('fake', 'here', 'bea', 'Bea');
INSERT INTO room (transport, workspace, ref, name, kind, joined, encrypted, encryption_noted) VALUES ('fake', 'here', 'support', 'Support', 'support', '1', '0', '0');
INSERT INTO room (transport, workspace, ref, name, kind, joined, encrypted, encryption_noted) VALUES ('fake', 'here', 'staff', 'Staff', 'staff', '1', '0', '0');
INSERT INTO membership (room_id, person_id) VALUES (2, 2);
INSERT INTO message (room_id, ref, person_id, text, files, sent_at) VALUES (1, 'm1', 1, 'My laptop will not start', '[]', '2026-01-05 08:00:00');
INSERT INTO inbox (transport, workspace, ref, room_id, person_id, message, kind, revision, position, payload, late, state, received_at) VALUES ('fake', 'here', 'e1', 1, 1, 'm1', 'message', '', 1, '{}', '0', 'handled', '2026-01-05 08:00:00');
INSERT INTO schedule (kind, key, due_at, zone, payload, version, owner, leased_until, attempts) VALUES ('ticket_closes', '1', '2026-01-12 08:00:00', 'UTC', '{}', 1, 'gone', '2026-01-05 08:01:00', 0);
INSERT INTO ticket (state, subject, requester_id, room_id, thread, message, private, resolution, opened_at, version) VALUES ('new', 'My laptop will not start', 1, 1, 'm1', 'm1', '0', '', '2026-01-05 08:00:00', 1);
