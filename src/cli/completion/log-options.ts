import { ownValue } from '../../base/record.ts';
import { directives, names, type Completer } from './completion.ts';

const common = ['max-buffer-size', 'mode'];
const labelled = [...common, 'env', 'env-regex', 'labels'];
const split = (words: string): readonly string[] => words.split(/\s+/);

/** Options of each log driver of Docker's, those of other daemons included: the client knows them, not the engine. */
const options: Readonly<Record<string, readonly string[]>> = {
  awslogs: [
    ...common,
    ...split(`awslogs-create-group awslogs-credentials-endpoint awslogs-datetime-format awslogs-group awslogs-multiline-pattern awslogs-region
    awslogs-stream tag`),
  ],
  fluentd: [
    ...labelled,
    ...split(`fluentd-address fluentd-async fluentd-buffer-limit fluentd-request-ack fluentd-retry-wait fluentd-max-retries
    fluentd-sub-second-precision fluentd-write-timeout tag`),
  ],
  gcplogs: [...labelled, ...split('gcp-log-cmd gcp-meta-id gcp-meta-name gcp-meta-zone gcp-project')],
  gelf: [
    ...labelled,
    ...split('gelf-address gelf-compression-level gelf-compression-type gelf-tcp-max-reconnect gelf-tcp-reconnect-delay tag'),
  ],
  journald: [...labelled, 'tag'],
  'json-file': [...labelled, ...split('compress max-file max-size')],
  local: [...common, ...split('compress max-file max-size')],
  none: [],
  splunk: [
    ...labelled,
    ...split(`splunk-caname splunk-capath splunk-format splunk-gzip splunk-gzip-level splunk-index splunk-insecureskipverify splunk-source
    splunk-sourcetype splunk-token splunk-url splunk-verify-connection tag`),
  ],
  syslog: [
    ...labelled,
    ...split(`syslog-address syslog-facility syslog-format syslog-tls-ca-cert syslog-tls-cert syslog-tls-key syslog-tls-skip-verify tag`),
  ],
};
const all = [...new Set(Object.values(options).flat())];

/** `--log-opt`, of the driver that was named (docker/cli, completeLogOpt). */
export const logOptions: Completer = ({ flags }) => {
  const driver = flags.find('log-driver');
  const own = ownValue(options, driver?.text ?? '');
  const candidates = (own ?? all).map((name) => `${name}=`);
  return Promise.resolve(names(candidates, own === undefined ? directives.noSpace : directives.noSpace | directives.noFiles));
};
