{{/* "flowmate" for a release of that name, "<release>-flowmate" for any other that does not hold the word. */}}
{{- define "flowmate.name" -}}
{{- $name := .Release.Name -}}
{{- if not (contains "flowmate" $name) -}}{{- $name = printf "%s-flowmate" $name -}}{{- end -}}
{{- $name | trunc 50 | trimSuffix "-" -}}
{{- end -}}

{{/* The three below take a dict: root (the top context), part (api, worker or migrate). */}}
{{- define "flowmate.selector" -}}
app.kubernetes.io/name: flowmate
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .part }}
{{- end -}}

{{- define "flowmate.labels" -}}
{{ include "flowmate.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end -}}

{{- define "flowmate.image" -}}
{{- $image := .root.Values.image -}}
{{- $path := ternary (printf "%s/" $image.registry) "" (ne $image.registry "") -}}
{{ printf "%sflowmate-%s:%s" $path .part ($image.tag | default .root.Chart.AppVersion) | quote }}
{{- end -}}

{{/* What every pod of ours has. The images write nowhere but /tmp, and talk to no Kubernetes API. */}}
{{- define "flowmate.pod" -}}
automountServiceAccountToken: false
enableServiceLinks: false
{{- with .Values.image.pullSecrets }}
imagePullSecrets: {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  seccompProfile:
    type: RuntimeDefault
volumes:
  - name: tmp
    emptyDir:
      sizeLimit: 64Mi
{{- end -}}

{{- define "flowmate.container" -}}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
volumeMounts:
  - name: tmp
    mountPath: /tmp
{{- end -}}

{{- define "flowmate.database" -}}
- name: MONGODB_URI
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: mongodb-uri
{{- end -}}

{{- define "flowmate.stores" -}}
{{ include "flowmate.database" . }}
- name: REDIS_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: redis-url
- name: INTEGRATION_ENC_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: integration-enc-key
- name: INTEGRATION_ENC_KEY_PREVIOUS
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: integration-enc-key-previous
      optional: true
- name: RESEND_API_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: resend-api-key
      optional: true
- name: SMTP_URL
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: smtp-url
      optional: true
{{- end -}}

{{- define "flowmate.tokens" -}}
- name: JWT_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: jwt-secret
- name: JWT_SECRET_PREVIOUS
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: jwt-secret-previous
      optional: true
- name: REFRESH_SECRET
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: refresh-secret
{{- end -}}

{{/* Only the worker talks to models. */}}
{{- define "flowmate.model" -}}
- name: OPENAI_KEY
  valueFrom:
    secretKeyRef:
      name: {{ .Values.existingSecret }}
      key: openai-key
{{- end -}}

{{/* The agreed numbers. The other two wait for the first, which gives a cold node two minutes. */}}
{{- define "flowmate.probes" -}}
startupProbe:
  httpGet:
    path: /health/live
    port: {{ . }}
  periodSeconds: 2
  timeoutSeconds: 5
  failureThreshold: 60
livenessProbe:
  httpGet:
    path: /health/live
    port: {{ . }}
  initialDelaySeconds: 10
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet:
    path: /health/ready
    port: {{ . }}
  initialDelaySeconds: 5
  periodSeconds: 5
  timeoutSeconds: 3
  failureThreshold: 3
{{- end -}}

{{- define "flowmate.spread" -}}
topologySpreadConstraints:
  - maxSkew: 1
    topologyKey: kubernetes.io/hostname
    whenUnsatisfiable: ScheduleAnyway
    labelSelector:
      matchLabels: {{- include "flowmate.selector" . | nindent 8 }}
{{- end -}}
