package correlate

// WeightsVersion names the weights below; it stands in every report, so that
// two reports can be told apart when only the weights changed.
const WeightsVersion = "1"

// The scales of strength.
const (
	// noiseZ is the deviation below which a measure says nothing: in a case
	// with some hundred series, normal noise reaches three robust scales
	// somewhere.
	noiseZ = 3
	// halfZ is the deviation beyond noise that earns half of a term's points.
	halfZ = 10
)

// weightOf is how many milli-points a signal gives at full strength.
func weightOf(id string) int {
	switch id {
	case "resource/usage":
		return 1000
	case "resource/exhausted":
		return 700
	case "saturation/bounded":
		return 900
	case "latency/self-time":
		return 1000
	case "latency/edge-gap":
		return 1000
	case "latency/metric":
		return 600
	case "error/innermost":
		return 1000
	case "error/metric":
		return 600
	case "error/novel-template":
		return 600
	case "behaviour/pattern":
		return 1000
	case "behaviour/repeated-calls":
		return 900
	case "behaviour/measure":
		return 200
	case "absence/silent":
		return 1200
	case "absence/restart":
		return 900
	case "external/boundary":
		return 900
	case "data/poison":
		return 900
	case "surge/entry-rate":
		return 1500
	case "change/gray":
		return 1500
	case "change/before-onset":
		return 300
	case "topology/correlation":
		return 300
	case "topology/path":
		return 600
	case "topology/first":
		return 100
	case "alert/named":
		return 60
	}
	return 0
}
