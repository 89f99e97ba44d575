package maturity

var environmentSent = Check{ID: "environment-sent", Name: "Spans say in which environment they were made", Level: 4, judge: judgeEnvironment}

func judgeEnvironment(in *Input) Outcome {
	return sampled(in, "traces", "spans", "carry deployment.environment.name", func(t *Telemetry) (int, int) { return t.Environment, t.Spans })
}
