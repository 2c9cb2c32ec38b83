{{/* On every object. */}}
{{- define "slotwise.labels" -}}
app.kubernetes.io/name: slotwise
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{/* Names objects that belong to no namespace, where two releases of one name would meet. */}}
{{- define "slotwise.clusterName" -}}
{{ .Release.Namespace }}-{{ .Release.Name }}
{{- end }}
