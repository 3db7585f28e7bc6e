import { generateKeyPairSync, sign } from 'node:crypto';

/** A self-signed certificate made on the spot, so that no key lies in the repository. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const tlv = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  // DER lengths (X.690 §8.1.3): one byte below 128, else the number of length bytes first.
  const size = length < 128 ? [length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};

const sequence = (...parts: readonly Uint8Array[]): Buffer => tlv(0x30, ...parts);
const oid = (hex: string): Buffer => tlv(0x06, Buffer.from(hex, 'hex'));
const integer = (value: number): Buffer => tlv(0x02, Buffer.from([value]));
const utcTime = (at: number): Buffer =>
  tlv(0x17, Buffer.from(new Date(at).toISOString().replace(/^\d\d|[-T:]|\.\d+/g, '')));

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'));
const COMMON_NAME = oid('550403');
const SUBJECT_ALT_NAME = oid('551d11');
const DAY_MS = 86_400_000;

/** For one DNS name; valid until `days` from now, so a negative number makes an expired one. */
export function selfSigned(dnsName: string, days = 2): Certificate {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const name = sequence(tlv(0x31, sequence(COMMON_NAME, tlv(0x0c, Buffer.from(dnsName)))));
  const altNames = sequence(tlv(0x82, Buffer.from(dnsName)));
  const from = Date.now() - 10 * DAY_MS;
  const body = sequence(
    tlv(0xa0, integer(2)),
    integer(1 + Math.floor(Math.random() * 100)),
    ECDSA_WITH_SHA256,
    name,
    sequence(utcTime(from), utcTime(Date.now() + days * DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    tlv(0xa3, sequence(sequence(SUBJECT_ALT_NAME, tlv(0x04, altNames)))),
  );
  const signature = sign('sha256', body, privateKey);
  const der = sequence(body, ECDSA_WITH_SHA256, tlv(0x03, Buffer.from([0]), signature));
  const lines = der.toString('base64').replace(/(.{64})/g, '$1\n');
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
