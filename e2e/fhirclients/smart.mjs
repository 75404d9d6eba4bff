// Drives the running program with fhirclient, SMART's own library. Signs in by SMART Backend Services,
// CLIENT_ID with the private key in PRIVATE_JWK, at the place that the server's metadata names.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';

const smart = createRequire(import.meta.url)('fhirclient');
const serverUrl = process.env.FHIR_BASE;
const jwk = JSON.parse(process.env.PRIVATE_JWK);
const run = randomUUID();

async function assertion(audience, more = {}) {
  const { iss = process.env.CLIENT_ID, jti = randomUUID(), exp = '4m' } = more;
  return new SignJWT({}).setProtectedHeader({ alg: jwk.alg, kid: jwk.kid, typ: 'JWT' })
    .setIssuer(iss).setSubject(iss).setAudience(audience).setJti(jti).setExpirationTime(exp).sign(await importJWK(jwk, jwk.alg));
}
const ask = (url, client_assertion, scope) => fetch(url, { method: 'POST', body: new URLSearchParams({
  grant_type: 'client_credentials', scope, client_assertion,
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }) });
const open = (access_token) => smart({ headers: {}, url: '/' }, {}, { get: async () => {}, set: async () => {}, unset: async () => {} })
  .client({ serverUrl, ...(access_token && { tokenResponse: { access_token } }) });

let client;
const steps = {
  async 'SMART Backend Services'() {
    const config = await (await fetch(`${serverUrl}/.well-known/smart-configuration`)).json();
    assert.ok(config.grant_types_supported.includes('client_credentials'));
    assert.ok(config.token_endpoint_auth_methods_supported.includes('private_key_jwt'));
    assert.ok(config.token_endpoint_auth_signing_alg_values_supported.includes(jwk.alg));
    assert.ok(config.capabilities.includes('client-confidential-asymmetric'));
    const signed = await assertion(config.token_endpoint);
    const response = await ask(config.token_endpoint, signed, 'system/*.cruds');
    const token = await response.json();
    assert.equal(response.status, 200, JSON.stringify(token));
    assert.equal(token.token_type.toLowerCase(), 'bearer');
    assert.ok(token.expires_in > 0 && token.expires_in <= 300);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    client = open(token.access_token);

    for (const [why, wrong] of Object.entries({
      'the same assertion again': signed,
      'another audience': await assertion('https://elsewhere.example/token'),
      'an unknown client': await assertion(config.token_endpoint, { iss: 'nobody' }),
      'an hour to live': await assertion(config.token_endpoint, { exp: '1h' }),
      'no assertion': 'x.y.z',
    })) {
      const refused = await ask(config.token_endpoint, wrong, 'system/*.cruds');
      assert.ok([400, 401].includes(refused.status), `${why}: ${refused.status}`);
      assert.equal((await refused.json()).error, 'invalid_client', why);
    }
    const narrow = await (await ask(config.token_endpoint, await assertion(config.token_endpoint), 'system/Patient.rs')).json();
    assert.equal(narrow.scope, 'system/Patient.rs');
    const reader = open(narrow.access_token);
    await assert.rejects(reader.create({ resourceType: 'Patient', active: true }), (e) => e.status === 403 || e.status === 404);
    await reader.request('Patient?_count=1');
    await assert.rejects(open().request('Patient?_count=1'), (e) => e.status === 401);
  },

  async 'version of the server'() {
    assert.equal(await client.getFhirVersion(), '4.0.1');
    assert.equal(await client.getFhirRelease(), 4);
  },

  async 'create, update, patch, delete'() {
    const made = await client.create({ resourceType: 'Patient', name: [{ family: 'Vidal' }], identifier: [{ system: 'urn:mitral:e2e', value: run }] });
    assert.equal(made.meta.versionId, '1');
    const changed = await client.update({ ...made, gender: 'male' });
    assert.equal(changed.gender, 'male');
    const patched = await client.patch(`Patient/${made.id}`, [{ op: 'add', path: '/birthDate', value: '1951-07-14' }]);
    assert.equal(patched.birthDate, '1951-07-14');
    await client.delete(`Patient/${made.id}`);
    await assert.rejects(client.request(`Patient/${made.id}`), (e) => e.status === 410 && /deleted/i.test(e.message));
  },

  async 'pages and references'() {
    const patient = await client.create({ resourceType: 'Patient', name: [{ family: 'Serra' }] });
    for (let i = 0; i < 5; i++) {
      await client.create({ resourceType: 'Observation', status: 'final', code: { coding: [{ system: 'http://loinc.org', code: '29463-7' }] },
        subject: { reference: `Patient/${patient.id}` }, effectiveDateTime: `2026-03-0${i + 1}`,
        valueQuantity: { value: 70 + i, unit: 'kg', system: 'http://unitsofmeasure.org', code: 'kg' } });
    }
    const query = `Observation?patient=${patient.id}&_sort=-date&_count=2`;
    const all = await client.request(query, { pageLimit: 0, flat: true });
    assert.deepEqual(all.map((o) => o.valueQuantity.value), [74, 73, 72, 71, 70]);
    const weights = client.byCode(all, 'code');
    assert.equal(weights['29463-7'].length, 5);
    assert.equal(client.units.kg(all[0].valueQuantity), 74);
    let pages = 0;
    for await (const page of client.pages(query)) pages += page.entry.length > 0;
    assert.equal(pages, 3);
    const one = await client.request(`Observation/${all[0].id}`, { resolveReferences: 'subject' });
    assert.equal(one.subject.name[0].family, 'Serra');
    const everything = await client.request(`Patient/${patient.id}/$everything`, { flat: true, pageLimit: 0 });
    assert.equal(everything.length, 6);
    const strict = client.request({ url: 'Patient?shoesize=43', headers: { Prefer: 'handling=strict' } });
    await assert.rejects(strict, (e) => e.status === 400 && /shoesize/.test(e.message));
  },
};

for (const [name, step] of Object.entries(steps)) {
  await step().catch((e) => { e.message = `${name}: ${e.message}`; throw e; });
  console.log(`ok ${name}`);
}
