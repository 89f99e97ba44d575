package maturity

var versionSent = Check{ID: "version-sent", Name: "Spans say which version ran", Level: 4, judge: judgeVersion}

func judgeVersion(in *Input) Outcome {
	return sampled(in, "traces", "spans", "carry service.version or vcs.ref.head.revision", func(t *Telemetry) (int, int) { return t.Versioned, t.Spans })
}
