package search

import "testing"

func observed(at string) string {
	return `{"resourceType":"Observation","id":"o","status":"final","code":{"text":"x"},` + at + `}`
}

func TestDate(t *testing.T) {
	check(t, pressure, `
		date=2012-09-17
		date=2012-09
		date=2012
		date=eq2012-09-17
		! date=2012-09-18
		date=2012-09-17T08:30
		date=2012-09-17T08:30:15Z
		date=2012-09-17T10:30:15%2B02:00
		date=2012-09-17T10:30:15+02:00
		! date=2012-09-17T10:30:15Z
		! date=2012-09-17T08:30:15.000Z
		! date=ne2012-09-17
		date=ne2012-09-18
		date=gt2012-09-16
		! date=gt2012-09-17
		! date=gt2012
		date=ge2012-09-17
		date=ge2012
		! date=ge2012-09-18
		! date=lt2012-09-17
		date=lt2012-09-18
		date=lt2012-09-17T09:00:00Z
		date=le2012-09-17
		! date=le2012-09-16
		date=sa2012-09-16
		! date=sa2012-09-17
		date=eb2012-09-18
		! date=eb2012-09-17
		date=ge2012-09-01&date=lt2012-10-01
		! date=ge2012-09-01&date=lt2012-09-10
		date=2011,2012
		date=ap2013
		! date=ap2014
		! date=ap2001
		! date:missing=true
		date:missing=false
		value-date:missing=true
		_lastUpdated=2024-05-06
		_lastUpdated=ge2024-05-06T07:08:09.123Z
		_lastUpdated=2024-05-06T07:08:09.123Z
		! _lastUpdated=gt2024-05-06T07:08:09.123Z
		_lastUpdated=gt2024-05-06T07:08:09.122Z
		! _lastUpdated=lt2024-05-06
	`)
	// A stored day is more than a time in it.
	check(t, observed(`"effectiveDateTime":"2013-01-14"`), `
		date=2013-01-14
		! date=2013-01-14T10:00
		date=ge2013-01-14T10:00
		date=gt2013-01-14T10:00
		! date=sa2013-01-14T10:00
		date=lt2013-01-14T10:00
		date=le2013-01-14T10:00
		! date=eb2013-01-14T10:00
		date=ne2013-01-14T10:00
		! date=gt2013-01-14
		date=ge2013-01-14
		date=sa2013-01-13
		date=eb2013-01-15
	`)
	// A month stands for all of it.
	check(t, observed(`"effectiveDateTime":"2013-01"`), `
		date=2013-01
		date=2013
		! date=2013-01-14
		date=gt2013-01-14
		date=lt2013-01-14
		date=ge2013-01-30
		! date=sa2013-01-14
		! date=eb2013-01-14
		date=ap2013-01-14
	`)
	check(t, observed(`"effectivePeriod":{"start":"2013-02-01","end":"2013-03-24"}`), `
		! date=2013-02-15
		date=2013
		! date=2013-02
		date=gt2013-02-15
		date=ge2013-03-24
		! date=gt2013-03-24
		! date=ge2013-03-25
		date=gt2013-03-23
		date=lt2013-02-02
		! date=lt2013-02-01
		date=le2013-02-02
		date=sa2013-01-31
		! date=sa2013-02-01
		date=eb2013-03-25
		! date=eb2013-03-24
		date=ap2013-03-01
	`)
	check(t, observed(`"effectivePeriod":{"start":"2013-02-01T10:00:00Z"}`), `
		date=gt2050
		date=ge2013-02
		! date=2013
		date=lt2014
		! date=lt2013
		! date=eb2050
		date=sa2013-01
	`)
	check(t, observed(`"effectivePeriod":{"end":"2013-02-01"}`), `
		date=lt1900
		date=le2013-02-01
		! date=gt2013-02-01
		date=eb2013-02-02
		! date=sa1900
		! date=2013
	`)
	check(t, observed(`"effectiveTiming":{"event":["2013-01-31","2013-03-24"]}`), `
		date=gt2013-02-15
		date=lt2013-02-15
		date=2013
		! date=2013-02
		! date=sa2013-01-31
	`)
	check(t, observed(`"effectiveTiming":{"repeat":{"boundsPeriod":{"start":"2013-01","end":"2013-02"}}}`), `
		date=2013
		date=sa2012
		date=eb2013-03
	`)
	check(t, observed(`"effectiveTiming":{"code":{"text":"daily"}}`), `
		date:missing=false
		! date=ge1900
		! date=ne2013
	`)
	check(t, observed(`"effectiveInstant":"2013-12-31T23:30:00-05:00"`), `
		date=2014-01-01
		! date=2013-12-31
		date=2014
	`)
	check(t, `{"resourceType":"Patient","id":"p","birthDate":"1982-01-23"}`, `
		birthdate=1982-01-23
		birthdate=1982
		birthdate=lt1990
		birthdate=ge1982-01-23
		! birthdate=gt1982-01-23
		birthdate=ap1982-01-20
		! birthdate=1982-01-22
	`)
	check(t, `{"resourceType":"Condition","id":"c","subject":{"reference":"Patient/p"},"onsetPeriod":{"start":"2001","end":"2003"},"abatementAge":{"value":52,"system":"http://unitsofmeasure.org","code":"a"}}`, `
		onset-date=gt2002
		! onset-date=gt2003
		abatement-age=52||a
		abatement-age=gt18262|http://unitsofmeasure.org|d
		! abatement-age=gt60||a
		abatement-date:missing=true
	`)
}

func TestNumber(t *testing.T) {
	risk := func(p string) string {
		return `{"resourceType":"RiskAssessment","id":"r","status":"final","prediction":[{"probabilityDecimal":` + p + `}]}`
	}
	check(t, risk("100"), `
		probability=100
		probability=100.00
		probability=1e2
		probability=1.00e2
		! probability=101
		! probability=ne100
		! probability=gt100
		probability=ge100
		probability=le100
		! probability=lt100
		! probability=sa100
		probability=sa99.9
		probability=eb100.1
		! probability=eb100
		probability=ap109
		! probability=ap120
		probability=gt99,gt200
		! probability=gt200
	`)
	check(t, risk("99.5"), `
		probability=100
		! probability=100.0
		! probability=ge100
		probability=lt100
		probability=1e2
	`)
	check(t, risk("100.5"), `
		! probability=100
		probability=1e2
		probability=gt100
	`)
	check(t, risk("105"), `! probability=1e2`)
	check(t, risk("6.95"), `
		probability=7.0
		! probability=6.9
		! probability=7.00
		probability=7
	`)
	check(t, risk("-2.5"), `
		probability=-2.5
		probability=lt0
		probability=gt-3
		! probability=gt-2.4
		probability=-2.50
		! probability=2.5
	`)
	check(t, risk("0"), `
		probability=0
		probability=-0
		probability=ge0
		! probability=gt0
		probability=ap0
	`)
	check(t, `{"resourceType":"RiskAssessment","id":"r","status":"final","prediction":[{"probabilityRange":{"low":{"value":10},"high":{"value":20}}}]}`, `
		! probability=15
		probability=gt15
		probability=lt15
		probability=ap15
		! probability=gt20
		probability=ge20
		probability=sa9
		! probability=sa15
		probability=eb21
	`)
}

func TestQuantity(t *testing.T) {
	measured := func(q string) string { return observed(`"valueQuantity":{` + q + `}`) }
	check(t, measured(`"value":5.4,"unit":"milligram","system":"http://unitsofmeasure.org","code":"mg"`), `
		value-quantity=5.4
		value-quantity=5.4|http://unitsofmeasure.org|mg
		value-quantity=5.4||mg
		value-quantity=5.4||milligram
		! value-quantity=5.4||g
		value-quantity=0.0054|http://unitsofmeasure.org|g
		! value-quantity=5.4|http://unitsofmeasure.org|g
		! value-quantity=5.4|http://other|mg
		value-quantity=5.40
		! value-quantity=5.5
		value-quantity=5
		value-quantity=5.40e-3|http://unitsofmeasure.org|g
		value-quantity=ap5.8|http://unitsofmeasure.org|mg
		! value-quantity=ap6.5|http://unitsofmeasure.org|mg
		value-quantity=gt5000|http://unitsofmeasure.org|ug
		! value-quantity=gt5400|http://unitsofmeasure.org|ug
		value-quantity=ge5400|http://unitsofmeasure.org|ug
		value-quantity=le0.0054|http://unitsofmeasure.org|g
		value-quantity=lt1|http://unitsofmeasure.org|[oz_av]
		! value-quantity=gt5|http://unitsofmeasure.org|mL
		! value-quantity=ne5.4||g
		! value-quantity=ne5.4
		combo-value-quantity=5.4
		component-value-quantity:missing=true
	`)
	check(t, measured(`"value":100,"system":"http://unitsofmeasure.org","code":"mg/dL"`), `
		value-quantity=1|http://unitsofmeasure.org|g/L
		value-quantity=ge1|http://unitsofmeasure.org|g/L
		! value-quantity=gt1|http://unitsofmeasure.org|g/L
		! value-quantity=gt5.5|http://unitsofmeasure.org|mmol/L
		value-quantity=1.00|http://unitsofmeasure.org|mg/mL
	`)
	check(t, measured(`"value":98.6,"system":"http://unitsofmeasure.org","code":"[degF]"`), `
		value-quantity=37.0|http://unitsofmeasure.org|Cel
		value-quantity=le37|http://unitsofmeasure.org|Cel
		value-quantity=ge37|http://unitsofmeasure.org|Cel
		! value-quantity=gt37|http://unitsofmeasure.org|Cel
		value-quantity=310.2|http://unitsofmeasure.org|K
	`)
	check(t, measured(`"value":70,"system":"http://unitsofmeasure.org","code":"kg"`), `
		value-quantity=154|http://unitsofmeasure.org|[lb_av]
		value-quantity=gt150|http://unitsofmeasure.org|[lb_av]
		! value-quantity=gt155|http://unitsofmeasure.org|[lb_av]
		value-quantity=70000|http://unitsofmeasure.org|g
	`)
	check(t, measured(`"value":72,"unit":"beats/min","system":"http://unitsofmeasure.org","code":"{beats}/min"`), `
		value-quantity=72|http://unitsofmeasure.org|/min
		value-quantity=1.2|http://unitsofmeasure.org|Hz
		value-quantity=72||beats/min
		value-quantity=72|http://unitsofmeasure.org|{beats}/min
	`)
	check(t, measured(`"value":97,"system":"http://unitsofmeasure.org","code":"%"`), `
		value-quantity=gt0.95|http://unitsofmeasure.org|1
		! value-quantity=lt95|http://unitsofmeasure.org|%25
	`)
	check(t, measured(`"value":170,"system":"http://unitsofmeasure.org","code":"cm"`), `
		value-quantity=1.70|http://unitsofmeasure.org|m
		value-quantity=66.9|http://unitsofmeasure.org|[in_i]
		value-quantity=ge1.7|http://unitsofmeasure.org|m
		value-quantity=le1.7|http://unitsofmeasure.org|m
	`)
	check(t, measured(`"value":5,"comparator":"<","system":"http://unitsofmeasure.org","code":"mg"`), `
		value-quantity=lt3|http://unitsofmeasure.org|mg
		! value-quantity=5
		! value-quantity=gt6
	`)
	check(t, measured(`"unit":"mg"`), `
		value-quantity:missing=false
		! value-quantity=gt0
	`)
	check(t, observed(`"valueSampledData":{"origin":{"value":100,"unit":"mV"},"period":1,"factor":0.5,"dimensions":1,"data":"10 E -20 4"}`), `
		value-quantity=gt104
		value-quantity=lt91||mV
		! value-quantity=gt105
		! value-quantity=lt90
	`)
	check(t, `{"resourceType":"Invoice","id":"i","status":"issued","totalGross":{"value":48.5,"currency":"EUR"}}`, `
		totalgross=48.5
		totalgross=48.5|urn:iso:std:iso:4217|EUR
		totalgross=gt48||EUR
		! totalgross=48.5||USD
	`)
}

func TestComposite(t *testing.T) {
	check(t, pressure, `
		component-code-value-quantity=8480-6$107
		component-code-value-quantity=http://loinc.org|8480-6$107
		component-code-value-quantity=http://loinc.org|8480-6$gt100|http://unitsofmeasure.org|mm[Hg]
		component-code-value-quantity=http://loinc.org|8480-6$gt14|http://unitsofmeasure.org|kPa
		! component-code-value-quantity=http://loinc.org|8480-6$gt15|http://unitsofmeasure.org|kPa
		! component-code-value-quantity=http://loinc.org|8462-4$gt100
		component-code-value-quantity=http://loinc.org|8462-4$60.5
		! component-code-value-quantity=8480-6$60.5
		! component-code-value-quantity=85354-9$107
		combo-code-value-quantity=8480-6$le107
		! combo-code-value-quantity=8480-6$lt107
		combo-code-value-quantity=8462-4$lt100,8480-6$gt200
		! code-value-quantity=8480-6$107
		! code-value-quantity=85354-9$107
		combo-code-value-quantity=8480-6$ne100
		combo-code-value-quantity=8480-6$ap100
		! combo-code-value-quantity=http://snomed.info/sct|8480-6$107
		component-code-value-quantity:missing=false
		code-value-quantity:missing=true
	`)
	check(t, `{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"a"}]},"valueDateTime":"2013-02"}`, `
		code-value-date=a$2013
		code-value-date=http://loinc.org|a$ge2013-02-10
		! code-value-date=http://loinc.org|a$gt2013-02
		! code-value-date=b$2013
	`)
	check(t, `{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"a"}]},"valueString":"Some Text"}`, `
		code-value-string=a$some
		value-string=some
		! code-value-string=a$text
	`)
	check(t, `{"resourceType":"Observation","id":"o","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"a"}]},"valueCodeableConcept":{"text":"Yes","coding":[{"system":"http://s","code":"y"}]}}`, `
		code-value-concept=a$y
		combo-code-value-concept=http://loinc.org|a$http://s|y
		! code-value-concept=a$http://t|y
		value-concept=y
		value-string=yes
	`)
	check(t, `{"resourceType":"DocumentReference","id":"d","status":"current","relatesTo":[{"code":"replaces","target":{"reference":"DocumentReference/a"}},{"code":"appends","target":{"reference":"DocumentReference/b"}}]}`, `
		relationship=replaces$DocumentReference/a
		! relationship=replaces$DocumentReference/b
		relationship=appends$b
	`)
	check(t, `{"resourceType":"Group","id":"g","type":"person","actual":true,"characteristic":[{"code":{"coding":[{"code":"gender"}]},"valueCodeableConcept":{"coding":[{"code":"mixed"}]},"exclude":false},{"code":{"coding":[{"code":"owner"}]},"valueBoolean":true,"exclude":false}]}`, `
		characteristic-value=gender$mixed
		! characteristic-value=owner$mixed
		characteristic-value=owner$true
	`)
	check(t, `{"resourceType":"MolecularSequence","id":"m","coordinateSystem":0,"referenceSeq":{"chromosome":{"coding":[{"code":"1"}]},"windowStart":100,"windowEnd":200,"referenceSeqId":{"coding":[{"code":"NC_1"}]}},"variant":[{"start":120,"end":121},{"start":150,"end":160}]}`, `
		chromosome-variant-coordinate=1$gt119$lt125
		! chromosome-variant-coordinate=1$gt125$lt125
		! chromosome-variant-coordinate=2$gt119$lt125
		referenceseqid-window-coordinate=NC_1$100$200
		window-start=lt101
	`)
}
