package people

// resident is one line of the table. born is a year, or a whole date as a number.
type resident struct {
	given, family, gender string
	born                  int
	lang, doctor          string
	story                 Story
	carer, relation       string
	has                   []Condition
	paper                 bool
}

func with(c ...Condition) []Condition { return c }

// residents are everybody. Given names are of many cultures, family names are made up.
var residents = []resident{
	{"Edda", "Fernbrook", "female", 19480311, "en", "marisol", Better, "", "", with(Hypertension), false},
	{"Anselm", "Corriga", "male", 19550730, "en", "marisol", Worse, "", "", with(Hypertension), false},
	{"Belisa", "Thornquay", "female", 19621202, "es", "tobias", Better, "", "", with(Diabetes2, Hypertension), false},
	{"Ciro", "Maldonbury", "male", 19700519, "es", "tobias", Steady, "", "", with(Diabetes2, Hypertension), true},
	{"Dunja", "Albarrow", "female", 19910908, "en", "nadira", Underway, "", "", with(Pregnancy), false},
	{"Elio", "Sandhollow", "male", 19390124, "en", "henrik", Steady, "", "", with(COPD, Hypertension), true},
	{"Frida", "Peñalver", "female", 19840615, "es", "henrik", Ill, "", "", with(Asthma), false},
	{"Gaspar", "Wintermere", "male", 19451005, "es", "marisol", Underway, "Irune Wintermere", "CHILD", with(HeartFailure), false},
	{"Hilda", "Roqueford", "female", 19760227, "en", "odalys", Steady, "", "", with(Menopause), false},
	{"Ilario", "Cobbleton", "male", 19880813, "en", "joaquin", Better, "", "", with(BackPain), false},
	{"Jimena", "Osterdal", "female", 20031121, "es", "marisol", Lows, "", "", with(Diabetes1), false},
	{"Kasimir", "Villarrow", "male", 19660403, "en", "iria", Holiday, "", "", with(Hypertension), false},

	{"Winifred", "Ashcombley", "female", 1941, "en", "marisol", Episode, "Ralph Ashcombley", "SPS", with(HeartFailure, Hypertension), false},
	{"Adaeze", "Okwenri", "female", 1979, "en", "marisol", Crisis, "", "", with(Hypertension), false},
	{"Benicio", "Valdehierro", "male", 1952, "es", "marisol", Steady, "", "", with(Hypertension, Diabetes2), false},
	{"Wei", "Qianlo", "male", 1968, "en", "tobias", Better, "", "", with(Diabetes2), false},
	{"Remedios", "Olivarenga", "female", 1937, "es", "marisol", Gone, "Tadea Olivarenga", "CHILD", with(HeartFailure), false},
	{"Percy", "Hollowmere", "male", 1949, "en", "henrik", Episode, "", "", with(COPD), false},
	{"Amina", "Benrachou", "female", 1993, "es", "nadira", Better, "", "", with(Pregnancy), false},
	{"Xabier", "Goikolanda", "male", 1958, "es", "joaquin", Steady, "", "", with(JointRecovery), false},
	{"Priya", "Varnadekar", "female", 1985, "en", "tobias", Steady, "", "", with(Diabetes1), false},
	{"Tomasz", "Jarzenko", "male", 1961, "en", "iria", Ill, "", "", with(Hypertension), false},
	{"Rosario", "Quintanalba", "female", 1944, "es", "henrik", Underway, "Marcos Quintanalba", "CHILD", with(COPD), false},
	{"Desmond", "Greyfallow", "male", 1950, "en", "joaquin", Underway, "", "", with(JointRecovery), false},
	{"Nekane", "Urrutzaga", "female", 1972, "es", "marisol", Better, "", "", with(Hypertension), false},
	{"Babajide", "Oluwenda", "male", 1956, "en", "marisol", Steady, "", "", with(HeartFailure), false},
	{"Linh", "Phuoctan", "female", 1965, "en", "tobias", Worse, "", "", with(Diabetes2), false},
	{"Fermín", "Peñarroble", "male", 1943, "es", "marisol", Never, "", "", with(Hypertension), false},
	{"Mabel", "Oakenshire", "female", 1947, "en", "marisol", Steady, "", "", with(Hypertension), false},
	{"Youssef", "Tazerwalt", "male", 1998, "es", "tobias", Lows, "", "", with(Diabetes1), false},
	{"Ioana", "Dumbravel", "female", 1974, "es", "iria", Steady, "", "", with(Hypertension), false},
	{"Stanley", "Birchover", "male", 1938, "en", "marisol", Episode, "June Birchover", "SPS", with(HeartFailure), false},
	{"Casilda", "Torrealmena", "female", 1959, "es", "joaquin", Better, "", "", with(JointRecovery), false},
	{"Harbir", "Sohaldeen", "male", 1963, "en", "tobias", Holiday, "", "", with(Diabetes2, Hypertension), false},
	{"Eluned", "Pencraigh", "female", 1954, "en", "henrik", Steady, "", "", with(COPD), false},
	{"Isidro", "Navalpuente", "male", 1947, "es", "marisol", Worse, "", "", with(Hypertension), false},
	{"Oksana", "Hrabovlen", "female", 1989, "en", "nadira", Newcomer, "", "", with(Pregnancy), false},
	{"Jomar", "Dalisaying", "male", 1977, "en", "tobias", Steady, "", "", with(Hypertension, Diabetes2), false},
	{"Uxía", "Outeirelle", "female", 1946, "es", "marisol", Steady, "Breixo Outeirelle", "CHILD", with(HeartFailure), false},
	{"Clive", "Marlowfield", "male", 1951, "en", "henrik", Gone, "", "", with(COPD), false},
	{"Nilda", "Condorpata", "female", 1969, "es", "tobias", Ill, "", "", with(Diabetes2), false},
	{"Fergus", "Strathlorn", "male", 1964, "en", "iria", Better, "", "", with(Hypertension), false},
	{"Aylin", "Karadervan", "female", 1996, "en", "marisol", Steady, "", "", with(Diabetes1), false},
	{"Abel", "Riocerezo", "male", 1940, "es", "henrik", Steady, "Pilar Riocerezo", "SPS", with(COPD, HeartFailure), false},
	{"Joan", "Pettiwick", "female", 1957, "en", "joaquin", Steady, "", "", with(JointRecovery), false},
	{"Emre", "Gundoval", "male", 1982, "en", "iria", Newcomer, "", "", with(Hypertension), false},
	{"Eulalia", "Montferran", "female", 1953, "es", "marisol", Steady, "", "", with(Hypertension), false},
	{"Minh", "Trannoc", "male", 1971, "en", "tobias", Steady, "", "", with(Diabetes2), false},
	{"Bronagh", "Kilverran", "female", 1967, "en", "marisol", Holiday, "", "", with(Hypertension), false},
	{"Tadeo", "Campoverdal", "male", 1955, "es", "henrik", Episode, "", "", with(COPD), false},
	{"Hodan", "Warsenyali", "female", 1986, "en", "tobias", Better, "", "", with(Diabetes2), false},
	{"Radu", "Vasilcan", "male", 1948, "es", "marisol", Better, "", "", with(HeartFailure), false},
	{"Lucía", "Marquesiño", "female", 1990, "es", "tobias", Steady, "", "", with(Diabetes1), false},
	{"Cleon", "Baptisteau", "male", 1960, "en", "iria", Steady, "", "", with(Hypertension), false},
	{"Shirin", "Golestanur", "female", 1978, "en", "marisol", Ill, "", "", with(Hypertension), false},
	{"Brais", "Carballosa", "male", 1962, "es", "joaquin", Never, "", "", with(JointRecovery), false},
	{"Eleni", "Kastravou", "female", 1942, "en", "marisol", Steady, "Nikos Kastravou", "CHILD", with(HeartFailure, Diabetes2), false},
	{"Idris", "Llanwerin", "male", 1973, "en", "iria", Steady, "", "", with(Hypertension), true},
	{"Wayra", "Huamanqol", "female", 1981, "es", "tobias", Better, "", "", with(Diabetes2), true},
	{"Leopold", "Harrowgait", "male", 1936, "en", "marisol", Steady, "Agnes Harrowgait", "SPS", with(HeartFailure), false},
}
