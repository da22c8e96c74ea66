{{- define "labels" -}}
app.kubernetes.io/name: trusted-launch-operator
app.kubernetes.io/part-of: trusted-launch-operator
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}
