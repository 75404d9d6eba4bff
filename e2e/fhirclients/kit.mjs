// Drives the running program with fhir-kit-client, as anybody would who found it on npm.
// FHIR_BASE and FHIR_TOKEN say where and as whom. Ends with status 0 if all went as the standard says.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { CapabilityTool, Client } from 'fhir-kit-client';

const base = process.env.FHIR_BASE;
const client = new Client({ baseUrl: base, bearerToken: process.env.FHIR_TOKEN });
const run = randomUUID();
const patient = (family, more = {}) => ({
  resourceType: 'Patient', active: true, name: [{ family, given: ['Ana', 'María'] }], gender: 'female', birthDate: '1948-02-29',
  identifier: [{ system: 'urn:mitral:e2e', value: `${run}-${family}` }], ...more,
});
const observation = (subject, value, minute = 0) => ({
  resourceType: 'Observation', status: 'final', subject: { reference: subject },
  category: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }] }],
  code: { coding: [{ system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' }] },
  effectiveDateTime: `2026-03-01T10:${String(minute).padStart(2, '0')}:00Z`,
  valueQuantity: { value, unit: 'beats/minute', system: 'http://unitsofmeasure.org', code: '/min' },
});
const answer = (r) => Client.httpFor(r).response;
async function refused(status, promise, code) {
  const error = await promise.then(() => assert.fail(`wanted a refusal with ${status}`), (e) => e);
  assert.equal(error.response?.status, status, `${error.message} ${JSON.stringify(error.response?.data)}`);
  assert.equal(error.response.data.resourceType, 'OperationOutcome');
  if (code) assert.equal(error.response.data.issue[0].code, code);
  return error.response.data;
}

const steps = {
  async 'capability statement and SMART metadata'() {
    const statement = await client.capabilityStatement();
    assert.equal(statement.resourceType, 'CapabilityStatement');
    assert.match(statement.fhirVersion, /^4\.0/);
    const tool = new CapabilityTool(statement);
    assert.ok(tool.resourceCan('Patient', 'read'));
    assert.ok(tool.resourceCan('Observation', 'create'));
    assert.ok(tool.serverCan('transaction'));
    assert.ok(tool.serverCan('batch'));
    assert.ok(tool.resourceSearch('Patient', 'identifier'));
    const metadata = await client.smartAuthMetadata();
    assert.ok(metadata.tokenUrl, 'no token endpoint');
  },

  async 'create, read, vread, update, history, patch, delete'() {
    const made = await client.create({ resourceType: 'Patient', body: patient('Quiroga') });
    assert.equal(answer(made).status, 201);
    assert.match(answer(made).headers.get('location'), new RegExp(`/Patient/${made.id}/_history/1$`));
    assert.equal(made.meta.versionId, '1');
    const id = made.id;

    const read = await client.read({ resourceType: 'Patient', id });
    assert.deepEqual(read.name, patient('Quiroga').name);
    assert.equal(answer(read).headers.get('etag'), 'W/"1"');

    const changed = await client.update({ resourceType: 'Patient', id, body: { ...read, active: false }, options: { headers: { 'If-Match': 'W/"1"' } } });
    assert.equal(changed.meta.versionId, '2');
    await refused(412, client.update({ resourceType: 'Patient', id, body: read, options: { headers: { 'If-Match': 'W/"1"' } } }));
    assert.equal((await client.vread({ resourceType: 'Patient', id, version: '1' })).active, true);
    assert.equal((await client.vread({ resourceType: 'Patient', id, version: '2' })).active, false);

    const patched = await client.patch({ resourceType: 'Patient', id, jsonPatch: [
      { op: 'test', path: '/active', value: false }, { op: 'replace', path: '/active', value: true }, { op: 'add', path: '/name/0/given/-', value: 'Luz' }] });
    assert.deepEqual(patched.name[0].given, ['Ana', 'María', 'Luz']);
    assert.equal(patched.meta.versionId, '3');

    const history = await client.history({ resourceType: 'Patient', id });
    assert.equal(history.type, 'history');
    assert.deepEqual(history.entry.map((e) => e.resource.meta.versionId), ['3', '2', '1']);
    assert.ok((await client.history({ resourceType: 'Patient' })).entry.length > 0);
    assert.ok((await client.history()).entry.length > 0);

    await client.delete({ resourceType: 'Patient', id });
    await refused(410, client.read({ resourceType: 'Patient', id }), 'deleted');
    const after = await client.history({ resourceType: 'Patient', id });
    assert.equal(after.entry.length, 4);
    assert.equal(after.entry[0].request.method, 'DELETE');
    assert.equal((await client.vread({ resourceType: 'Patient', id, version: '3' })).active, true);
  },

  async 'conditional create and update'() {
    const criteria = `identifier=urn:mitral:e2e|${run}-Once`;
    const options = { headers: { 'If-None-Exist': criteria } };
    const one = await client.create({ resourceType: 'Patient', body: patient('Once'), options });
    const two = await client.create({ resourceType: 'Patient', body: patient('Once'), options });
    assert.equal(answer(one).status, 201);
    assert.equal(answer(two).status, 200);
    assert.equal(two.id, one.id);
    const three = await client.update({ resourceType: 'Patient', searchParams: { identifier: `urn:mitral:e2e|${run}-Once` }, body: patient('Once', { gender: 'other' }) });
    assert.equal(three.id, one.id);
    assert.equal(three.gender, 'other');
  },

  async 'search, next pages, POST search, compartment'() {
    const who = await client.create({ resourceType: 'Patient', body: patient('Pages') });
    const subject = `Patient/${who.id}`;
    for (let i = 0; i < 7; i++) await client.create({ resourceType: 'Observation', body: observation(subject, 60 + i, i) });
    const seen = [];
    let page = await client.search({ resourceType: 'Observation', searchParams: { subject, code: 'http://loinc.org|8867-4', _sort: 'date', _count: '3' } });
    assert.equal(page.type, 'searchset');
    for (let pages = 0; page; pages++) {
      assert.ok(pages < 4, 'more pages than there should be');
      seen.push(...(page.entry ?? []).filter((e) => e.search.mode === 'match').map((e) => e.resource.valueQuantity.value));
      page = await client.nextPage({ bundle: page });
    }
    assert.deepEqual(seen, [60, 61, 62, 63, 64, 65, 66]);

    const posted = await client.search({ resourceType: 'Observation', searchParams: { subject, 'value-quantity': 'gt64|http://unitsofmeasure.org|/min' }, options: { postSearch: true } });
    assert.equal(posted.entry.length, 2);
    const within = await client.search({ resourceType: 'Observation', compartment: { resourceType: 'Patient', id: who.id }, searchParams: { _count: '50' } });
    assert.equal(within.entry.length, 7);
    const included = await client.search({ resourceType: 'Observation', searchParams: { subject, _include: 'Observation:subject', _count: '1' } });
    assert.ok(included.entry.some((e) => e.search.mode === 'include' && e.resource.id === who.id));
    assert.equal((await client.resolve({ reference: subject })).id, who.id);
    const total = await client.search({ resourceType: 'Observation', searchParams: { subject, _summary: 'count' } });
    assert.equal(total.total, 7);
  },

  async 'transaction'() {
    const mother = `urn:uuid:${randomUUID()}`, value = `urn:uuid:${randomUUID()}`;
    const body = { resourceType: 'Bundle', type: 'transaction', entry: [
      { fullUrl: value, resource: observation(mother, 71), request: { method: 'POST', url: 'Observation' } },
      { fullUrl: mother, resource: patient('Transaction'), request: { method: 'POST', url: 'Patient', ifNoneExist: `identifier=urn:mitral:e2e|${run}-Transaction` } },
    ] };
    const done = await client.transaction({ body });
    assert.equal(done.type, 'transaction-response');
    assert.deepEqual(done.entry.map((e) => e.response.status.slice(0, 3)), ['201', '201']);
    const place = done.entry[1].response.location.match(/Patient\/[^/]+/)[0];
    const stored = await client.read({ resourceType: 'Observation', id: done.entry[0].response.location.match(/Observation\/([^/]+)/)[1] });
    assert.equal(stored.subject.reference, place);

    const again = await client.transaction({ body });
    assert.equal(again.entry[1].response.status.slice(0, 3), '200');
    const conditional = await client.transaction({ body: { resourceType: 'Bundle', type: 'transaction', entry: [
      { resource: observation(`Patient?identifier=urn:mitral:e2e|${run}-Transaction`, 72), request: { method: 'POST', url: 'Observation' } }] } });
    const third = await client.request(conditional.entry[0].response.location);
    assert.equal(third.subject.reference, place);

    const broken = structuredClone(body);
    broken.entry[1].resource = patient('Broken', { gender: 'unheard-of' });
    broken.entry[1].request.ifNoneExist = `identifier=urn:mitral:e2e|${run}-Broken`;
    const outcome = await refused(400, client.transaction({ body: broken }));
    assert.match(outcome.issue[0].expression[0], /^Bundle\.entry\[1\]\.resource/);
    const none = await client.search({ resourceType: 'Patient', searchParams: { identifier: `urn:mitral:e2e|${run}-Broken` } });
    assert.equal(none.entry?.length ?? 0, 0);
  },

  async 'batch'() {
    const done = await client.batch({ body: { resourceType: 'Bundle', type: 'batch', entry: [
      { resource: patient('Batch'), request: { method: 'POST', url: 'Patient' } },
      { request: { method: 'GET', url: `Patient/${randomUUID()}` } },
      { request: { method: 'GET', url: `Patient?identifier=urn:mitral:e2e|${run}-Batch` } },
      { resource: { resourceType: 'Patient', gender: 'unheard-of' }, request: { method: 'POST', url: 'Patient' } },
    ] } });
    assert.equal(done.type, 'batch-response');
    assert.deepEqual(done.entry.map((e) => e.response.status.slice(0, 3)), ['201', '404', '200', '400']);
    assert.equal(done.entry[1].response.outcome.resourceType, 'OperationOutcome');
    assert.equal(done.entry[2].resource.type, 'searchset');
    assert.equal(done.entry[2].resource.entry.length, 1);
  },

  async 'operations'() {
    const good = await client.operation({ name: '$validate', resourceType: 'Patient', input: patient('Valid') });
    assert.equal(good.resourceType, 'OperationOutcome');
    assert.ok(!good.issue.some((i) => i.severity === 'error' || i.severity === 'fatal'));
    const who = await client.create({ resourceType: 'Patient', body: patient('Everything') });
    await client.create({ resourceType: 'Observation', body: observation(`Patient/${who.id}`, 70) });
    const all = await client.operation({ name: 'everything', resourceType: 'Patient', id: who.id, method: 'GET' });
    assert.equal(all.resourceType, 'Bundle');
    assert.deepEqual(all.entry.map((e) => e.resource.resourceType).sort(), ['Observation', 'Patient']);
  },

  async 'what is refused says why'() {
    await refused(404, client.read({ resourceType: 'Patient', id: randomUUID() }), 'not-found');
    const outcome = await refused(400, client.create({ resourceType: 'Patient', body: { resourceType: 'Patient', birthDate: '1948-02-31', shoeSize: 43 } }));
    assert.ok(outcome.issue.length >= 2);
    assert.ok(outcome.issue.every((i) => i.expression?.[0].startsWith('Patient')));
    await refused(400, client.create({ resourceType: 'Patient', body: '{"resourceType":"Patient","active":true,"active":false}' }));
    await refused(400, client.search({ resourceType: 'Patient', searchParams: { shoesize: '43' }, options: { headers: { Prefer: 'handling=strict' } } }));
    const lenient = await client.search({ resourceType: 'Patient', searchParams: { shoesize: '43', _count: '1' } });
    assert.ok(lenient.entry.some((e) => e.search.mode === 'outcome' && JSON.stringify(e.resource).includes('shoesize')));
    const stranger = new Client({ baseUrl: base, bearerToken: 'mt_nobody-gave-me-this-one' });
    await refused(401, stranger.read({ resourceType: 'Patient', id: '1' }), 'login');
  },
};

for (const [name, step] of Object.entries(steps)) {
  await step().catch((e) => { e.message = `${name}: ${e.message}\n${JSON.stringify(e.response?.data ?? '')}`; throw e; });
  console.log(`ok ${name}`);
}
