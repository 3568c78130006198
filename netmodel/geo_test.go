package netmodel

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"
)

func onEarth(lat, lon float64) Place {
	return Place{OnEarth, int64(math.Round(lon * 1e7)), int64(math.Round(lat * 1e7))}
}

// haversineMicros is the latency by the library's own functions, not rounded.
func haversineMicros(a, b Place) float64 {
	radians := func(v int64) float64 { return float64(v) / 1e7 * math.Pi / 180 }
	sinLat, sinLon := math.Sin(radians(a.Y-b.Y)/2), math.Sin(radians(a.X-b.X)/2)
	h := sinLat*sinLat + math.Cos(radians(a.Y))*math.Cos(radians(b.Y))*sinLon*sinLon
	return 5 * 2 * 6371 * math.Asin(math.Sqrt(min(1, h)))
}

func TestGeoLatencyAgainstTheLibrary(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		place := func(name string) Place {
			return Place{OnEarth, rapid.Int64Range(-180e7, 180e7).Draw(t, name+" lon"), rapid.Int64Range(-90e7, 90e7).Draw(t, name+" lat")}
		}
		for range 100 { // near each other too, and antipodes
			a, b := place("a"), place("b")
			if rapid.Bool().Draw(t, "near") {
				b = Place{OnEarth, a.X + (b.X-a.X)>>20, a.Y + (b.Y-a.Y)>>20}
			} else if rapid.Bool().Draw(t, "opposite") {
				b = Place{OnEarth, a.X + 180e7, -a.Y + b.Y>>20}
				if a.X > 0 {
					b.X = a.X - 180e7
				}
			}
			got, want := GeoLatency(a, b), max(50, haversineMicros(a, b))
			if micros := float64(got) / 1e3; math.Abs(micros-want) > 0.51 {
				t.Fatalf("%v – %v: %v µs, the library has %v", a, b, micros, want)
			}
			if GeoLatency(b, a) != got {
				t.Fatalf("%v – %v: not the same in both directions", a, b)
			}
		}
	})
}

// Great circles between cities, in km as atlases have them, and the latencies that
// every machine must give.
func TestGeoLatencyOfKnownDistances(t *testing.T) {
	london, paris, newYork := onEarth(51.5074, -0.1278), onEarth(48.8566, 2.3522), onEarth(40.7128, -74.0060)
	tokyo, sydney := onEarth(35.6762, 139.6503), onEarth(-33.8688, 151.2093)
	for _, c := range []struct {
		name string
		a, b Place
		km   float64
		want time.Duration // µs
	}{
		{"London – Paris", london, paris, 344, 1718},
		{"London – New York", london, newYork, 5570, 27851},
		{"Tokyo – Sydney", tokyo, sydney, 7823, 39129},
		{"across the date line", onEarth(0, 179.5), onEarth(0, -179.5), 111.2, 556},
		{"from pole to pole", onEarth(90, 17), onEarth(-90, 99), 20015.1, 100075},
		{"at a pole, wherever that is", onEarth(90, 17), onEarth(90, -99), 10, 50},
		{"at one place", paris, paris, 10, 50},
	} {
		got := GeoLatency(c.a, c.b)
		assert.Equal(t, c.want*time.Microsecond, got, c.name)
		assert.InDelta(t, 5*c.km, float64(got)/1e3, max(3, 5*c.km*0.001), c.name) // km are rounded
	}
}

// The links of the Abilene backbone, from the coordinates of its cities in the
// Internet Topology Zoo, with the latencies that abilene.csv has of them.
func TestGeoLatencyOfAbilene(t *testing.T) {
	cities := map[string]Place{
		"Atlanta": onEarth(33.749, -84.38798), "Chicago": onEarth(41.85003, -87.65005), "Denver": onEarth(39.73915, -104.9847),
		"Houston": onEarth(29.76328, -95.36327), "Indianapolis": onEarth(39.76838, -86.15804), "KansasCity": onEarth(39.11417, -94.62746),
		"LosAngeles": onEarth(34.05223, -118.24368), "NewYork": onEarth(40.71427, -74.00597), "Seattle": onEarth(47.60621, -122.33207),
		"Sunnyvale": onEarth(37.36883, -122.03635), "Washington": onEarth(38.89511, -77.03637),
	}
	for ends, want := range map[[2]string]time.Duration{
		{"Atlanta", "Houston"}: 5638, {"Atlanta", "Indianapolis"}: 3438, {"Atlanta", "Washington"}: 4360, {"Chicago", "Indianapolis"}: 1317,
		{"Chicago", "NewYork"}: 5729, {"Denver", "KansasCity"}: 4459, {"Denver", "Seattle"}: 8206, {"Denver", "Sunnyvale"}: 7518,
		{"Houston", "KansasCity"}: 5210, {"Houston", "LosAngeles"}: 11034, {"Indianapolis", "KansasCity"}: 3653,
		{"LosAngeles", "Sunnyvale"}: 2516, {"NewYork", "Washington"}: 1642, {"Seattle", "Sunnyvale"}: 5693,
	} {
		assert.Equal(t, want*time.Microsecond, GeoLatency(cities[ends[0]], cities[ends[1]]), "%v", ends)
	}
}
