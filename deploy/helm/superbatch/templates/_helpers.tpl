{{- /* Before the names of all objects: the release's, with the chart's unless it is in it. */}}
{{- define "superbatch.name" -}}
{{ (contains .Chart.Name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name .Chart.Name)) | trunc 40 | trimSuffix "-" }}
{{- end }}

{{- /* Takes { root, component }. */}}
{{- define "superbatch.selector" -}}
app.kubernetes.io/name: superbatch
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "superbatch.labels" -}}
{{ include "superbatch.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/part-of: superbatch
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{- define "superbatch.image" -}}
{{ printf "%ssuperbatch-%s:%s" .root.Values.images.prefix .component (default .root.Chart.AppVersion .root.Values.images.tag) }}
{{- end }}

{{- /* Address of a service for a client that spreads calls over its replicas: the name of a headless service. Takes { root, component }. */}}
{{- define "superbatch.address" -}}
{{- $service := index .root.Values.services .component -}}
dns:///{{ include "superbatch.name" .root }}-{{ .component }}.{{ .root.Release.Namespace }}.svc:{{ $service.port }}
{{- end }}

{{- /* SUPERBATCH_OPTIMIZER of optimizer. */}}
{{- define "superbatch.variable" -}}
SUPERBATCH_{{ . | upper | replace "-" "_" }}
{{- end }}

{{- define "superbatch.tlsSecret" -}}
{{- if .root.Values.tls.certManager.enabled -}}
{{ include "superbatch.name" .root }}-{{ .component }}-tls
{{- else -}}
{{ required "tls.existingSecret: name the Secret with tls.crt, tls.key and ca.crt, or enable tls.certManager, or set tls.enabled to false" .root.Values.tls.existingSecret }}
{{- end -}}
{{- end }}

{{- define "superbatch.otlpEndpoint" -}}
{{- if .Values.telemetry.endpoint -}}
{{ .Values.telemetry.endpoint }}
{{- else if .Values.telemetry.collector.enabled -}}
http://{{ include "superbatch.name" . }}-collector.{{ .Release.Namespace }}.svc:4318
{{- end -}}
{{- end }}

{{- /* Pod Security Standard "restricted", and a root file system that nothing writes to. */}}
{{- define "superbatch.podSecurity" -}}
automountServiceAccountToken: false
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "superbatch.containerSecurity" -}}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: { drop: [ALL] }
{{- end }}

{{- define "superbatch.spread" -}}
topologySpreadConstraints:
  {{- range $key := list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - maxSkew: 1
    topologyKey: {{ $key }}
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels:
        {{- include "superbatch.selector" $ | nindent 8 }}
  {{- end }}
{{- end }}

{{- /* What every program of the suite gets: who may call it, how it calls others, where telemetry goes. Takes { root, component, calls }. */}}
{{- define "superbatch.env" -}}
{{- $root := .root -}}
{{- $prefix := include "superbatch.variable" .component -}}
{{- $grpc := ne .component "dashboard" -}}
- { name: OTEL_SERVICE_NAME, value: {{ .component }} }
- name: POD_NAME
  valueFrom: { fieldRef: { fieldPath: metadata.name } }
- { name: OTEL_RESOURCE_ATTRIBUTES, value: "service.instance.id=$(POD_NAME),k8s.namespace.name={{ $root.Release.Namespace }}" }
{{- with include "superbatch.otlpEndpoint" $root }}
- { name: OTEL_EXPORTER_OTLP_ENDPOINT, value: {{ . | quote }} }
{{- end }}
{{- if $grpc }}
- { name: {{ $prefix }}_HEALTH_LISTEN, value: "0.0.0.0:8080" }
{{- end }}
{{- if $root.Values.insecure }}
- { name: {{ $prefix }}_INSECURE, value: "true" }
{{- end }}
{{- if $root.Values.tls.enabled }}
- { name: {{ $prefix }}_TLS_CERTIFICATE, value: /etc/superbatch/tls/tls.crt }
- { name: {{ $prefix }}_TLS_KEY, value: /etc/superbatch/tls/tls.key }
{{- end }}
{{- if and $grpc $root.Values.auth.existingSecret }}
- { name: {{ $prefix }}_PRINCIPALS_FILE, value: /etc/superbatch/auth/principals.yaml }
{{- end }}
{{- with $root.Values.auth.oidc }}
{{- if and $grpc .issuer }}
- { name: {{ $prefix }}_OIDC_ISSUER, value: {{ .issuer | quote }} }
- { name: {{ $prefix }}_OIDC_AUDIENCE, value: {{ .audience | quote }} }
- { name: {{ $prefix }}_OIDC_JWKS, value: {{ .jwks | quote }} }
{{- end }}
{{- end }}
{{- range $client, $component := .calls }}
{{- $called := printf "%s_%s" $prefix ($client | upper) }}
- { name: {{ $called }}_ADDRESS, value: {{ include "superbatch.address" (dict "root" $root "component" $component) | quote }} }
{{- if $root.Values.tls.enabled }}
- { name: {{ $called }}_AUTHORITY, value: /etc/superbatch/tls/ca.crt }
{{- end }}
{{- if and $grpc $root.Values.auth.tokensSecret }}
- { name: {{ $called }}_TOKEN_FILE, value: /etc/superbatch/token/token }
{{- end }}
{{- end }}
{{- end }}

{{- /* Takes { root, component, calls }. */}}
{{- define "superbatch.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- if .root.Values.tls.enabled }}
- { name: tls, mountPath: /etc/superbatch/tls, readOnly: true }
{{- end }}
{{- if and .root.Values.auth.existingSecret (ne .component "dashboard") }}
- { name: auth, mountPath: /etc/superbatch/auth, readOnly: true }
{{- end }}
{{- if and .root.Values.auth.tokensSecret .calls (ne .component "dashboard") }}
- { name: token, mountPath: /etc/superbatch/token, readOnly: true }
{{- end }}
{{- end }}

{{- define "superbatch.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if .root.Values.tls.enabled }}
- name: tls
  secret: { secretName: {{ include "superbatch.tlsSecret" . }}, defaultMode: 0440 }
{{- end }}
{{- if and .root.Values.auth.existingSecret (ne .component "dashboard") }}
- name: auth
  secret: { secretName: {{ .root.Values.auth.existingSecret }}, defaultMode: 0440 }
{{- end }}
{{- if and .root.Values.auth.tokensSecret .calls (ne .component "dashboard") }}
- name: token
  secret:
    secretName: {{ .root.Values.auth.tokensSecret }}
    defaultMode: 0440
    items: [{ key: {{ .component }}, path: token }]
{{- end }}
{{- end }}

{{- /* The environment as the values give it: { NAME: value } or { NAME: { secretKeyRef… } }. */}}
{{- define "superbatch.extraEnv" -}}
{{- range $name, $value := . }}
{{- if kindIs "map" $value }}
- name: {{ $name }}
  valueFrom: {{- toYaml $value | nindent 4 }}
{{- else }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end }}
{{- end }}

{{- /* Probes of grpc.health.v1, spoken by the kubelet itself, at the port without TLS. */}}
{{- define "superbatch.grpcProbes" -}}
startupProbe:
  grpc: { port: 8080, service: liveness }
  periodSeconds: 2
  failureThreshold: 60
livenessProbe:
  grpc: { port: 8080, service: liveness }
  periodSeconds: 10
  failureThreshold: 3
readinessProbe:
  grpc: { port: 8080, service: readiness }
  periodSeconds: 2
  failureThreshold: 1
{{- end }}

{{- /* Trials of a study (or of a project: projects/vision/studies/-) that a trainer holds or could lease. */}}
{{- define "superbatch.leasableQuery" -}}
{{- if hasSuffix "/-" . -}}
sum(max by (superbatch_study) (superbatch_trials_leasable{superbatch_study=~"{{ trimSuffix "-" . }}.*"}))
{{- else -}}
sum(max by (superbatch_study) (superbatch_trials_leasable{superbatch_study="{{ . }}"}))
{{- end -}}
{{- end }}

{{- define "superbatch.dnsEgress" -}}
- ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- end }}

{{- define "superbatch.telemetryEgress" -}}
{{- if .Values.telemetry.endpoint }}
- ports: [{ port: {{ (urlParse .Values.telemetry.endpoint).host | splitList ":" | last | int | default 443 }} }]
{{- else if .Values.telemetry.collector.enabled }}
- to:
    - podSelector:
        matchLabels:
          {{- include "superbatch.selector" (dict "root" . "component" "collector") | nindent 10 }}
  ports: [{ port: 4318 }]
{{- end }}
{{- end }}
