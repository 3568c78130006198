package clock

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAddStopsAtNever(t *testing.T) {
	tests := []struct {
		t    Time
		d    time.Duration
		want Time
	}{
		{0, 0, 0},
		{1, 2, 3},
		{5, -2, 3},
		{Never - 1, 1, Never},
		{Never - 1, 2, Never},
		{Never, math.MaxInt64, Never},
		{1, math.MaxInt64, Never},
		{Never, 0, Never},
	}
	for _, tt := range tests {
		require.Equal(t, tt.want, tt.t.Add(tt.d), "%d + %d", tt.t, tt.d)
	}
}

func TestSub(t *testing.T) {
	require.Equal(t, 2*time.Second, Time(3e9).Sub(1e9))
	require.Equal(t, -2*time.Second, Time(1e9).Sub(3e9))
}

func TestString(t *testing.T) {
	require.Equal(t, "1.5s", Time(1_500_000_000).String())
	require.Equal(t, "0s", Time(0).String())
	require.Equal(t, "never", Never.String())
}

func TestAppendRFC3339HasOneLengthAndOneZone(t *testing.T) {
	utc := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	tests := []struct {
		epoch time.Time
		t     Time
		want  string
	}{
		{utc, 0, "2025-01-01T00:00:00.000000000Z"},
		{utc, 1_234_567, "2025-01-01T00:00:00.001234567Z"},
		{utc, 1_500_000_000, "2025-01-01T00:00:01.500000000Z"},
		{utc.In(time.FixedZone("east", 7200)), Time(24 * time.Hour), "2025-01-02T00:00:00.000000000Z"},
	}
	for _, tt := range tests {
		require.Equal(t, "at "+tt.want, string(tt.t.AppendRFC3339([]byte("at "), tt.epoch)))
	}
}
