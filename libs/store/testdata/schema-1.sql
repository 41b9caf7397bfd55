--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: attempts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.attempts (
    lease_id text NOT NULL,
    study text NOT NULL,
    trial integer NOT NULL,
    number integer NOT NULL,
    worker text NOT NULL,
    outcome text NOT NULL,
    reason text NOT NULL,
    measurement text,
    cost text NOT NULL,
    late integer NOT NULL,
    granted_at bigint NOT NULL,
    ended_at bigint
);


--
-- Name: events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.events (
    study text NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    "time" bigint NOT NULL,
    trial integer,
    message text NOT NULL
);


--
-- Name: kysely_migration; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kysely_migration (
    name character varying(255) NOT NULL,
    "timestamp" character varying(255) NOT NULL
);


--
-- Name: kysely_migration_lock; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.kysely_migration_lock (
    id character varying(255) NOT NULL,
    is_locked integer DEFAULT 0 NOT NULL
);


--
-- Name: progress; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.progress (
    study text NOT NULL,
    trial integer NOT NULL,
    attempt integer NOT NULL,
    step bigint NOT NULL,
    metrics text NOT NULL,
    cost text NOT NULL,
    "time" bigint NOT NULL
);


--
-- Name: responses; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.responses (
    key text NOT NULL,
    method text NOT NULL,
    fingerprint text NOT NULL,
    body bytea NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: studies; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.studies (
    name text NOT NULL,
    project text NOT NULL,
    state text NOT NULL,
    reason text NOT NULL,
    spec text NOT NULL,
    space_version integer NOT NULL,
    version integer NOT NULL,
    trial_count integer NOT NULL,
    counts text NOT NULL,
    last_event bigint NOT NULL,
    cost text NOT NULL,
    best_trial integer,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);


--
-- Name: trials; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.trials (
    study text NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    point text NOT NULL,
    space_version integer NOT NULL,
    leases integer NOT NULL,
    attempts integer NOT NULL,
    attempt integer NOT NULL,
    lease_id text,
    lease_granted_at bigint,
    lease_expires_at bigint,
    worker text NOT NULL,
    measurement text,
    cost text NOT NULL,
    stopped_early integer NOT NULL,
    reason text NOT NULL,
    explanation text NOT NULL,
    labels text NOT NULL,
    traceparent text NOT NULL,
    created_at bigint NOT NULL,
    started_at bigint,
    finished_at bigint
);


--
-- Data for Name: attempts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('f64a710b-7d0c-41da-8e17-e8b9415377fc', 'projects/default/studies/golden', 1, 1, 'worker-0', 'completed', '', '{"value":0.30000000000000004,"metrics":{},"cost":{"total":1.5,"scoring":0,"gradient":1.5,"evaluation":0,"data":0}}', '[1.5,0,1.5,0,0]', 0, 1767225600000, 1767225602233);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('debbebf9-dc92-4a10-83cb-300f06bed284', 'projects/default/studies/golden', 2, 1, 'worker-1', 'completed', '', '{"value":0.2,"metrics":{},"cost":{"total":2.5,"scoring":0,"gradient":2.5,"evaluation":0,"data":0}}', '[2.5,0,2.5,0,0]', 0, 1767225602233, 1767225604466);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('b0befb20-4a6e-42e5-bb0b-5675bf38fe94', 'projects/default/studies/golden', 3, 1, 'worker-2', 'completed', '', '{"value":0.16666666666666669,"metrics":{},"cost":{"total":3.5,"scoring":0,"gradient":3.5,"evaluation":0,"data":0}}', '[3.5,0,3.5,0,0]', 0, 1767225604466, 1767225606699);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('ec7718b6-1454-43a1-b05c-6cb874698c37', 'projects/default/studies/golden', 4, 1, 'worker-f', 'infeasible', 'out of memory, "quoted"; ''single''', NULL, '[0,0,0,0,0]', 0, 1767225606699, 1767225606699);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('53850914-03d9-428d-869f-f4bf336ea37a', 'projects/default/studies/golden', 5, 1, 'worker-g', 'failed', 'crashed
in two lines', NULL, '[0,0,0,0,0]', 0, 1767225606699, 1767225606699);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('e6cdc058-0d0f-4986-b698-abcfcbb5146b', 'projects/default/studies/golden', 5, 2, 'worker-g', 'completed', '', '{"value":0.25,"metrics":{},"cost":{"total":2,"scoring":0,"gradient":2,"evaluation":0,"data":0}}', '[2,0,2,0,0]', 0, 1767225606699, 1767225606699);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('e8421c4c-3d3c-4ad3-aebe-92218c5b34f5', 'projects/default/studies/golden', 7, 1, 'worker-h', 'expired', 'nothing was heard of worker-h for 30 s', NULL, '[0,0,0,0,0]', 0, 1767225606699, 1767225638699);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('3b7b5841-04e1-4274-a12d-f662e518a0e4', 'projects/default/studies/golden', 7, 2, 'worker-h', 'open', '', NULL, '[0,0,0,0,0]', 0, 1767225638699, NULL);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('96cffadf-ba05-4a41-b07f-895cb6693da9', 'projects/default/studies/golden', 8, 1, 'worker-i', 'expired', 'nothing was heard of worker-i for 30 s', NULL, '[0.7142857142857143,0,0.7142857142857143,0,0]', 0, 1767225607199, 1767225638699);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('0e66e25b-2384-4f04-919d-82eff2fe785a', 'projects/default/studies/golden', 8, 2, 'worker-i', 'open', '', NULL, '[1,0,1,0,0]', 0, 1767225639199, NULL);
INSERT INTO public.attempts (lease_id, study, trial, number, worker, outcome, reason, measurement, cost, late, granted_at, ended_at) VALUES ('a781b1a2-4e79-4298-8fc4-63224e590163', 'projects/default/studies/golden', 9, 1, 'worker-lost', 'expired', 'nothing was heard of worker-lost for 30 s', NULL, '[0,0,0,0,0]', 0, 1767225607699, 1767225638699);


--
-- Data for Name: events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 1, 'study-created', 1767225600000, NULL, '');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 2, 'trial-suggested', 1767225600000, 1, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 3, 'trial-leased', 1767225600000, 1, 'to worker-0, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 4, 'trial-progress', 1767225601234, 1, 'step 5');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 5, 'trial-progress', 1767225601234, 1, 'step 10');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 6, 'trial-completed', 1767225602233, 1, 'error 0.30000000000000004');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 7, 'trial-suggested', 1767225602233, 2, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 8, 'trial-leased', 1767225602233, 2, 'to worker-1, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 9, 'trial-progress', 1767225603467, 2, 'step 5');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 10, 'trial-progress', 1767225603467, 2, 'step 10');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 11, 'trial-completed', 1767225604466, 2, 'error 0.2');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 12, 'trial-suggested', 1767225604466, 3, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 13, 'trial-leased', 1767225604466, 3, 'to worker-2, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 14, 'trial-progress', 1767225605700, 3, 'step 5');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 15, 'trial-progress', 1767225605700, 3, 'step 10');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 16, 'trial-completed', 1767225606699, 3, 'error 0.16666666666666669');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 17, 'trial-suggested', 1767225606699, 4, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 18, 'trial-leased', 1767225606699, 4, 'to worker-f, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 19, 'trial-failed', 1767225606699, 4, 'infeasible: out of memory, "quoted"; ''single''');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 20, 'trial-suggested', 1767225606699, 5, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 21, 'trial-leased', 1767225606699, 5, 'to worker-g, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 22, 'trial-failed', 1767225606699, 5, 'failed, to be tried again: crashed
in two lines');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 23, 'trial-leased', 1767225606699, 5, 'to worker-g, attempt 2');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 24, 'trial-completed', 1767225606699, 5, 'error 0.25');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 25, 'trial-completed', 1767225606699, 6, 'a known result was added');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 26, 'study-updated', 1767225606699, NULL, 'version 2 of the space; 0 completed trials are outside of it');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 27, 'trial-suggested', 1767225606699, 7, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 28, 'trial-leased', 1767225606699, 7, 'to worker-h, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 29, 'trial-suggested', 1767225607199, 8, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 30, 'trial-leased', 1767225607199, 8, 'to worker-i, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 31, 'trial-progress', 1767225607699, 8, 'step 5');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 32, 'trial-suggested', 1767225607699, 9, 'drawn');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 33, 'trial-leased', 1767225607699, 9, 'to worker-lost, attempt 1');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 34, 'lease-expired', 1767225638699, 7, 'nothing was heard of worker-h for 30 s');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 35, 'lease-expired', 1767225638699, 8, 'nothing was heard of worker-i for 30 s');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 36, 'lease-expired', 1767225638699, 9, 'nothing was heard of worker-lost for 30 s');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 37, 'trial-leased', 1767225638699, 7, 'to worker-h, attempt 2');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 38, 'trial-leased', 1767225639199, 8, 'to worker-i, attempt 2');
INSERT INTO public.events (study, sequence, kind, "time", trial, message) VALUES ('projects/default/studies/golden', 39, 'trial-progress', 1767225639699, 8, 'step 7');


--
-- Data for Name: kysely_migration; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kysely_migration (name, "timestamp") VALUES ('0001-initial', '2026-11-24T05:16:35.910Z');


--
-- Data for Name: kysely_migration_lock; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.kysely_migration_lock (id, is_locked) VALUES ('migration_lock', 0);


--
-- Data for Name: progress; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 1, 1, 5, '{"error":0.3333333333333333,"accuracy":0.6666666666666667}', '[0.7142857142857143,0,0.7142857142857143,0,0]', 1767225601234);
INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 1, 1, 10, '{"error":0.25,"accuracy":0.75}', '[1.4285714285714286,0,1.4285714285714286,0,0]', 1767225601234);
INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 2, 1, 5, '{"error":0.25,"accuracy":0.75}', '[0.7142857142857143,0,0.7142857142857143,0,0]', 1767225603467);
INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 2, 1, 10, '{"error":0.2,"accuracy":0.8}', '[1.4285714285714286,0,1.4285714285714286,0,0]', 1767225603467);
INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 3, 1, 5, '{"error":0.2,"accuracy":0.8}', '[0.7142857142857143,0,0.7142857142857143,0,0]', 1767225605700);
INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 3, 1, 10, '{"error":0.16666666666666666,"accuracy":0.8333333333333334}', '[1.4285714285714286,0,1.4285714285714286,0,0]', 1767225605700);
INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 8, 1, 5, '{"error":0.125,"accuracy":0.875}', '[0.7142857142857143,0,0.7142857142857143,0,0]', 1767225607699);
INSERT INTO public.progress (study, trial, attempt, step, metrics, cost, "time") VALUES ('projects/default/studies/golden', 8, 2, 7, '{"error":0.0625,"accuracy":0.9375}', '[1,0,1,0,0]', 1767225639699);


--
-- Data for Name: responses; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.responses (key, method, fingerprint, body, created_at) VALUES ('default/1', 'M', 'f', '\x000180ff', 1767225600000);


--
-- Data for Name: studies; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.studies (name, project, state, reason, spec, space_version, version, trial_count, counts, last_event, cost, best_trial, created_at, updated_at) VALUES ('projects/default/studies/golden', 'default', 'active', '', '{"space":{"parameters":[{"name":"rate","domain":{"kind":"float","min":0.0001,"max":1,"scale":"log"}},{"name":"layers","domain":{"kind":"integer","min":1,"max":16,"scale":"linear"}},{"name":"epochs","domain":{"kind":"integer","min":1,"max":16,"scale":"log"},"fidelity":{"target":64,"basis":"fabolas"}}],"constraints":[]},"previousSpaces":[{"parameters":[{"name":"rate","domain":{"kind":"float","min":0.0001,"max":1,"scale":"log"}},{"name":"layers","domain":{"kind":"integer","min":1,"max":8,"scale":"linear"}},{"name":"epochs","domain":{"kind":"integer","min":1,"max":16,"scale":"log"},"fidelity":{"target":64,"basis":"fabolas"}}],"constraints":[]}],"objective":{"metric":"error","goal":"minimize","transform":"none"},"algorithm":{"kind":"entropy-search","initialPoints":3},"budget":{"maxTrials":40,"maxCost":500,"maxSeconds":4000000000},"seed":1,"costUnit":"seconds","lease":{"seconds":30,"maxAttempts":2,"maxParallel":8},"earlyStopping":{"rule":"median","minTrials":2,"minStep":5},"requirements":{},"labels":{"why":"ü – 字"}}', 2, 2, 9, '{"suggested":1,"leased":1,"running":1,"completed":5,"failed":0,"infeasible":1,"abandoned":0,"imported":1}', 39, '[11.214285714285714,0,11.214285714285714,0,0]', 2, 1767225600000, 1767225639699);


--
-- Data for Name: trials; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 1, 'completed', '{"rate":0.00910381795608,"layers":5,"epochs":8}', 1, 1, 1, 1, NULL, NULL, NULL, 'worker-0', '{"value":0.30000000000000004,"metrics":{},"cost":{"total":1.5,"scoring":0,"gradient":1.5,"evaluation":0,"data":0}}', '[1.5,0,1.5,0,0]', 0, '', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-9bf2f51b44466d347aa8ed4a7336d89b-dbbc37a4692f2f83-01', 1767225600000, 1767225600000, 1767225602233);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 2, 'completed', '{"rate":0.000279681675972,"layers":2,"epochs":16}', 1, 1, 1, 1, NULL, NULL, NULL, 'worker-1', '{"value":0.2,"metrics":{},"cost":{"total":2.5,"scoring":0,"gradient":2.5,"evaluation":0,"data":0}}', '[2.5,0,2.5,0,0]', 0, '', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-58d52bd47ae3689628697014386bfad5-bb6ae7560c7c651e-01', 1767225602233, 1767225602233, 1767225604466);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 3, 'completed', '{"rate":0.450824021176,"layers":7,"epochs":7}', 1, 1, 1, 1, NULL, NULL, NULL, 'worker-2', '{"value":0.16666666666666669,"metrics":{},"cost":{"total":3.5,"scoring":0,"gradient":3.5,"evaluation":0,"data":0}}', '[3.5,0,3.5,0,0]', 0, '', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-584879deb08d53c95d61a76bc51c7a51-93645216a12c25ee-01', 1767225604466, 1767225604466, 1767225606699);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 4, 'infeasible', '{"rate":0.000160686821943,"layers":4,"epochs":9}', 1, 1, 1, 1, NULL, NULL, NULL, 'worker-f', NULL, '[0,0,0,0,0]', 0, 'out of memory, "quoted"; ''single''', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-437d72e214617fecac59adf693646256-d3683dd801d2d683-01', 1767225606699, 1767225606699, 1767225606699);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 5, 'completed', '{"rate":0.0459537981853,"layers":1,"epochs":6}', 1, 2, 2, 2, NULL, NULL, NULL, 'worker-g', '{"value":0.25,"metrics":{},"cost":{"total":2,"scoring":0,"gradient":2,"evaluation":0,"data":0}}', '[2,0,2,0,0]', 0, '', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-03065da3f8c0e5f42c6f0baf5447c501-13262ed65822483e-01', 1767225606699, 1767225606699, 1767225606699);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 6, 'completed', '{"rate":0.0459537981853,"layers":1,"epochs":6}', 1, 0, 0, 0, NULL, NULL, NULL, '', '{"value":0.5,"metrics":{},"cost":{"total":1,"scoring":0,"gradient":0,"evaluation":0,"data":0}}', '[0,0,0,0,0]', 0, '', '{"origin":"user","alternatives":[],"replicate":false,"note":""}', '{"from":"paper"}', '', 1767225606699, 1767225606699, 1767225606699);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 7, 'leased', '{"rate":0.000920594659099,"layers":8,"epochs":7}', 2, 2, 2, 2, '3b7b5841-04e1-4274-a12d-f662e518a0e4', 1767225638699, 1767225668699, 'worker-h', NULL, '[0,0,0,0,0]', 0, '', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-9877b2d10dc2a749ba34665fb3dca008-5c7276ab2689f992-01', 1767225606699, 1767225606699, NULL);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 8, 'running', '{"rate":0.338200135147,"layers":15,"epochs":7}', 2, 2, 2, 2, '0e66e25b-2384-4f04-919d-82eff2fe785a', 1767225639199, 1767225669699, 'worker-i', NULL, '[1.7142857142857144,0,1.7142857142857144,0,0]', 0, '', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-0f8472ea61d9b691ff4c3f225978d58f-8212d448a21b9cf2-01', 1767225607199, 1767225607199, NULL);
INSERT INTO public.trials (study, number, state, point, space_version, leases, attempts, attempt, lease_id, lease_granted_at, lease_expires_at, worker, measurement, cost, stopped_early, reason, explanation, labels, traceparent, created_at, started_at, finished_at) VALUES ('projects/default/studies/golden', 9, 'suggested', '{"rate":0.434672514435,"layers":15,"epochs":1}', 2, 1, 1, 1, NULL, NULL, NULL, 'worker-lost', NULL, '[0,0,0,0,0]', 0, 'nothing was heard of worker-lost for 30 s', '{"origin":"drawn","alternatives":[],"replicate":false,"note":""}', '{}', '00-d06f53e020fd20a5e52e8a1a9b398d29-a22dd3b84fed38ed-01', 1767225607699, 1767225607699, NULL);


--
-- Name: attempts attempts_by_trial; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_by_trial UNIQUE (study, trial, number);


--
-- Name: attempts attempts_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.attempts
    ADD CONSTRAINT attempts_pkey PRIMARY KEY (lease_id);


--
-- Name: events events_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_key PRIMARY KEY (study, sequence);


--
-- Name: kysely_migration_lock kysely_migration_lock_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kysely_migration_lock
    ADD CONSTRAINT kysely_migration_lock_pkey PRIMARY KEY (id);


--
-- Name: kysely_migration kysely_migration_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.kysely_migration
    ADD CONSTRAINT kysely_migration_pkey PRIMARY KEY (name);


--
-- Name: progress progress_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.progress
    ADD CONSTRAINT progress_key PRIMARY KEY (study, trial, attempt, step);


--
-- Name: responses responses_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.responses
    ADD CONSTRAINT responses_pkey PRIMARY KEY (key);


--
-- Name: studies studies_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.studies
    ADD CONSTRAINT studies_pkey PRIMARY KEY (name);


--
-- Name: trials trials_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.trials
    ADD CONSTRAINT trials_key PRIMARY KEY (study, number);


--
-- Name: responses_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX responses_by_age ON public.responses USING btree (created_at);


--
-- Name: studies_by_age; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX studies_by_age ON public.studies USING btree (project, created_at DESC, name);


--
-- Name: trials_by_expiry; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trials_by_expiry ON public.trials USING btree (lease_expires_at) WHERE (lease_expires_at IS NOT NULL);


--
-- Name: trials_by_state; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX trials_by_state ON public.trials USING btree (study, state, number);


--
-- PostgreSQL database dump complete
--


